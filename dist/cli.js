#!/usr/bin/env node
import{createRequire as r}from"node:module";var e=process.argv.slice(2);if(e.length===1&&(e[0]==="--version"||e[0]==="-V"))process.stdout.write(`0.1.0
`);else{let{main:s}=r(import.meta.url)("./main.cjs");process.exitCode=await s(e,"0.1.0")}

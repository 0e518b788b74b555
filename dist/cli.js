#!/usr/bin/env node
import{createRequire as r}from"node:module";var e=process.argv.slice(2);if(e.length===1&&(e[0]==="--version"||e[0]==="-V"))process.stdout.write(`0.1.0
`);else{let{main:t}=r(import.meta.url)("./main.cjs");process.exitCode=await t(e,"0.1.0");let s=()=>{process.stdout.writableLength+process.stderr.writableLength>0?setTimeout(s,50):process.exit()};setTimeout(s,200).unref()}

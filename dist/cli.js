#!/usr/bin/env node
import{setFlagsFromString as r}from"node:v8";Number.parseInt(process.versions.v8,10)<=13&&r("--semi-space-growth-factor=1");var s=process.argv.slice(2);if(s.length===1&&(s[0]==="--version"||s[0]==="-V"))process.stdout.write(`0.1.0
`);else{let{main:e}=await import("./main.js");process.exitCode=await e(s,"0.1.0")}

#!/usr/bin/env node
import{createRequire as i}from"node:module";var s=process.argv.slice(2);if(s.length===1&&(s[0]==="--version"||s[0]==="-V"))process.stdout.write(`0.1.0
`);else{let{main:r}=i(import.meta.url)("./main.cjs");process.exitCode=await r(s,"0.1.0").catch(e=>(process.stderr.write(`${e instanceof Error?e.stack??e.message:String(e)}
`),3));let t=()=>{process.stdout.writableLength+process.stderr.writableLength>0?setTimeout(t,50):process.exit()};setTimeout(t,200).unref()}

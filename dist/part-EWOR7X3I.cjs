var e=require("node:module");function r(){return(0,e.createRequire)(__filename)("node:crypto")}module.exports={a:r};

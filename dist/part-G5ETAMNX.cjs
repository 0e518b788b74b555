var e=require("node:module"),r;function o(){return r??=(0,e.createRequire)(__filename)("node:crypto"),r}module.exports={a:o};

var r=require("./part-TG3XBKG2.cjs"),t=require("./part-WMWTNNUO.cjs"),i=require("./part-3DT5XSCP.cjs");const{d:o}=require("./part-A7Z3CJQD.cjs");module.exports={told:o};

var r=require("./part-37DPPDDH.cjs"),t=require("./part-WMWTNNUO.cjs"),i=require("./part-3DT5XSCP.cjs");const{d:o}=require("./part-RSIMKEF6.cjs");module.exports={told:o};

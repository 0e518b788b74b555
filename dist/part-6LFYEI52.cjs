var r=require("./part-NDEHSTL4.cjs"),t=require("./part-WMWTNNUO.cjs"),i=require("./part-3DT5XSCP.cjs");const{d:o}=require("./part-D4QGPSEM.cjs");module.exports={told:o};

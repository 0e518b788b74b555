const{c:t}=require("./part-3DT5XSCP.cjs");var a=t(e=>{"use strict";Object.defineProperty(e,"__esModule",{value:!0}),e.state=void 0,e.state={operationRequestMap:new WeakMap}});module.exports={a};

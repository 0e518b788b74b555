var e="fixtures";module.exports={a:e};

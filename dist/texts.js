var t="{}";export{t as textData};

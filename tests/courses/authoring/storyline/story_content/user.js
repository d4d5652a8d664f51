// The slides: where one is, in a long packed text, as Storyline keeps it.
var driver = window.parent, kept = driver.GetDataChunk(), slide = kept ? Number(kept.split("~")[1]) : 1;
function show() { document.getElementById("place").textContent = slide + "/3"; }
document.getElementById("next").onclick = function () { slide = Math.min(3, slide + 1); show(); driver.SetDataChunk("2w4l10111zA0101112~" + slide + "~" + new Array(900).join("v_player.6Xyz.")); };
document.getElementById("finish").onclick = function () { driver.RecordInteraction("Scene1_Slide3_MultipleChoice_0_0", "a", true); driver.SetScore(100, 100, 0); driver.SetPassed(); driver.SetDataChunk("done~" + slide + "~"); };
show();

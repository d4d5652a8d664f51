var apiHandle = null;
function getAPIHandle() { if (apiHandle == null) { var win = window, n = 0; while (win.API_1484_11 == null && win.parent != win && n++ < 500) win = win.parent; apiHandle = win.API_1484_11; } return apiHandle; }
function setValue(name, value) { return getAPIHandle().SetValue(name, String(value)); }
function getValue(name) { return String(getAPIHandle().GetValue(name)); }

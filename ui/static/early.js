// Before anything is painted: the page's language and direction, and what this reader chose last time.
(() => {
  "use strict";
  const { language, direction, root } = document.currentScript.dataset;
  const asked = navigator.language;
  document.documentElement.lang = language;
  document.documentElement.dir = direction;
  // Gradio's components speak the browser's language; here they are to speak the page's.
  Object.defineProperty(navigator, "language", { get: () => language });
  Object.defineProperty(navigator, "languages", { get: () => [language] });
  const stored = (key) => {
    try { return localStorage.getItem(key); } catch { return null; } // storage may be forbidden
  };
  // The plain address is where everybody arrives; who chose Arabic, or whose browser asks for it, is taken there.
  const wanted = stored("mujaz-language") ?? (asked.startsWith("ar") ? "ar" : "en");
  if (language === "en" && wanted === "ar") location.replace(`${root}/ar/${location.search}${location.hash}`);
  const look = stored("mujaz-look");
  const address = new URL(location.href);
  if (look && address.searchParams.get("__theme") !== look) { // Gradio reads its mode from the address
    address.searchParams.set("__theme", look);
    history.replaceState(null, "", address);
  }
  document.documentElement.dataset.digits = stored("mujaz-digits") ?? "source";
})();

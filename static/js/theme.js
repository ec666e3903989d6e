// Runs before the first paint, so that a saved choice of light or dark never flashes. Classic script on purpose.
(() => {
  const saved = localStorage.getItem("theme");
  if (saved === "light" || saved === "dark") document.documentElement.dataset.theme = saved;
})();

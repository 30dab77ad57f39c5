// A form whose work takes seconds says so, and is sent once.
(() => {
  for (const form of document.querySelectorAll("form[data-slow]")) {
    form.addEventListener("submit", () => {
      const button = form.querySelector("button");
      button.lastChild.textContent = form.dataset.slow;
      setTimeout(() => { button.disabled = true; });
    });
  }
})();

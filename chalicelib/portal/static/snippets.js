// Buttons that copy the example beside them, and examples that name this site.
"use strict";

for (const example of document.querySelectorAll(".snippet code")) {
  example.textContent = example.textContent.replaceAll("https://本站", location.origin);
}
for (const button of document.querySelectorAll("[data-copies]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  button.onclick = async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent);
    button.textContent = "已复制";
    setTimeout(() => { button.textContent = "复制"; }, 2000);
  };
}

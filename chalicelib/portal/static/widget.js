// Shows a body's current status on any website:
//   <script src="https://<this site>/site/widget.js" data-code="<unified code>" async></script>
// Reads the public interface; sets no cookie, keeps nothing, tells nobody who is reading. Where the
// website's own policy forbids the request, a plain link is left.
"use strict";

(() => {
  const script = document.currentScript;
  if (!script) return;
  const site = new URL(script.src).origin;
  const code = (script.dataset.code || "").trim().toUpperCase();
  const theme = script.dataset.theme || "auto";
  const holder = document.createElement("div");
  holder.className = "govcredit-widget";
  script.after(holder);

  const made = (tag, name, words) => {
    const one = document.createElement(tag);
    if (name) one.className = name;
    if (words !== undefined) one.textContent = words;
    return one;
  };

  const linked = (words) => {
    const link = made("a", "more", words);
    link.href = `${site}/site/bodies/${encodeURIComponent(code)}`;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    return link;
  };

  if (!/^[0-9A-Z]{18}$/.test(code)) {
    holder.append(made("span", "", "data-code 应是18位统一社会信用代码"));
    return;
  }
  holder.append(linked("查看政务诚信公示"));

  const light = "--ground:#fff;--ink:#1a2330;--soft:#526072;--line:#dde3ea;--key:#14539a;" +
    "--good:#17653e;--bad:#a8271c;";
  const dark = "--ground:#18202a;--ink:#e4e9f0;--soft:#a3b0bf;--line:#2c3846;--key:#8dbdf3;" +
    "--good:#82d3a8;--bad:#ff9d92;";
  const tokens = theme === "dark" ? `:host{${dark}}`
    : theme === "light" ? `:host{${light}}`
    : `:host{${light}}@media (prefers-color-scheme:dark){:host{${dark}}}`;
  const style = tokens + `
    :host{display:block;max-width:22rem}
    .box{background:var(--ground);color:var(--ink);border:1px solid var(--line);
      border-radius:.6rem;padding:.8rem 1rem;font:15px/1.6 system-ui,"PingFang SC",
      "Microsoft YaHei","Noto Sans CJK SC",sans-serif;overflow-wrap:anywhere}
    .name{font-weight:650}
    dl{display:grid;grid-template-columns:1fr auto;gap:.15rem 1rem;margin:.5rem 0}
    dt{color:var(--soft)} dd{margin:0;text-align:right;font-weight:600}
    .good{color:var(--good)} .bad{color:var(--bad)}
    .foot{display:flex;flex-wrap:wrap;justify-content:space-between;gap:.2rem 1rem;
      font-size:13px;color:var(--soft)}
    a{color:var(--key)}`;

  const row = (list, title, words, kind) => {
    list.append(made("dt", "", title), made("dd", kind, words));
  };

  const show = (page) => {
    const root = holder.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    root.adoptedStyleSheets = [sheet];
    const box = made("section", "box");
    box.setAttribute("aria-label", `${page.body.name}的政务诚信状况`);
    const list = made("dl");
    const count = page.dishonesty.count;
    row(list, "公示中的失信信息", count ? `${count} 条` : "无", count ? "bad" : "good");
    if (page.evaluation) {
      row(list, `${page.evaluation.period}年度评价`, page.evaluation.grade_title, "");
    }
    const today = new Date().toLocaleDateString("zh-CN", { timeZone: "Asia/Shanghai" });
    const foot = made("p", "foot");
    foot.style.margin = "0";
    foot.append(made("span", "", today), linked("政务诚信平台"));
    box.append(made("div", "name", page.body.name), list, foot);
    root.append(box);
  };

  fetch(`${site}/public/v1/subjects/${code}`, { credentials: "omit", referrerPolicy: "no-referrer" })
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
    .then(show)
    .catch(() => {});
})();

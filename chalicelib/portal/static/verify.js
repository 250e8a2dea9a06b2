/* Checks a record in the reader's own browser: that the document is the one the public log commits
   to (SHA-256), that the log contains that entry (RFC 6962), and that the log's key signed the log's
   state (C2SP signed note, Ed25519). Nothing is sent anywhere but two reads from this site. */
"use strict";

(() => {
  const place = document.querySelector("[data-verify]");
  if (!place || !window.crypto || !crypto.subtle || !window.fetch) return;

  const encoder = new TextEncoder();
  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const unhex = (text) => {
    if (typeof text !== "string" || !/^([0-9a-f]{2})*$/.test(text)) throw new Wrong("证明中的数据不是小写十六进制。");
    return Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
  };
  const unbase64 = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  const joined = (...parts) => {
    const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
    parts.reduce((offset, part) => (whole.set(part, offset), offset + part.length), 0);
    return whole;
  };
  const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));
  const same = (left, right) => left.length === right.length && left.every((byte, index) => byte === right[index]);

  class Wrong extends Error {}
  class Unreachable extends Error {}

  /* RFC 8785: keys in the order of UTF-16 code units, which is how strings compare here. */
  const canonical = (value) => {
    if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
    if (value && typeof value === "object") {
      return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
    }
    if (typeof value === "number" && !Number.isSafeInteger(value)) throw new Wrong("文档中有不能精确表示的数。");
    return JSON.stringify(value);
  };

  const node = (left, right) => sha256(Uint8Array.of(1), left, right);

  /* RFC 9162 §2.1.3.2. */
  const rootOf = async (leaf, index, size, proof) => {
    let at = index, last = size - 1, found = leaf;
    for (const step of proof) {
      if (last === 0) throw new Wrong("包含证明过长。");
      if (at % 2 === 1 || at === last) {
        found = await node(step, found);
        while (at % 2 === 0 && at !== 0) { at = Math.floor(at / 2); last = Math.floor(last / 2); }
      } else {
        found = await node(found, step);
      }
      at = Math.floor(at / 2); last = Math.floor(last / 2);
    }
    if (last !== 0) throw new Wrong("包含证明过短。");
    return found;
  };

  const opened = (note) => {
    const parting = note.lastIndexOf("\n\n");
    if (parting < 0) throw new Wrong("检查点的格式不正确。");
    const text = note.slice(0, parting + 1);
    const [origin, size, root] = text.split("\n");
    const signatures = note.slice(parting + 2).split("\n").filter(Boolean).map((line) => {
      const [, name, data] = line.split(" ");
      return { name, data: unbase64(data || "") };
    });
    return { text, origin, size: Number(size), root: unbase64(root || ""), signatures };
  };

  const keyOf = (text) => {
    const [name, id] = text.split("+", 2);
    const data = unbase64(text.slice(name.length + id.length + 2));
    if (data[0] !== 1) return null;
    return { name, id, text, raw: data.slice(1) };
  };

  const read = async (address) => {
    let answer;
    try {
      answer = await fetch(address, { cache: "no-store", credentials: "omit" });
    } catch (error) {
      throw new Unreachable("网络没有接通");
    }
    if (answer.status === 410) throw new Unreachable("这条信息刚刚撤下，请刷新页面");
    if (!answer.ok) throw new Unreachable(`服务器答复 ${answer.status}`);
    return answer.json();
  };

  /* Spaces are one: that is how they are shown. */
  const tidy = (text) => text.replace(/\s+/g, " ").trim();
  const day = (text) => text.split("-").map(Number).reduce((told, part, at) => `${told}${part}${"年月日"[at]}`, "");
  const onPage = (selector) => Array.from(document.querySelectorAll(selector), (element) => tidy(element.textContent));
  const pairsOnPage = () => Array.from(document.querySelectorAll('[data-part="fields"] > *'), (pair) => Array.from(pair.children, (part) => tidy(part.textContent)).join("："));
  const badges = (shown) => {
    const apart = [shown.dishonesty ? "政务失信" : "", shown.severity_title || "", ...shown.marks.map((mark) => mark.text)].filter(Boolean);
    return apart.length ? apart : [shown.category_title];
  };

  /* What the page shows of a document, part by part: its name, the page's words, the document's. */
  const parts = (shown) => [
    ["主体名称", onPage('[data-part="name"]'), [shown.subject.name]],
    ["信息类别", onPage('[data-part="type"]'), [shown.type_title]],
    ["标签", onPage('[data-part="badges"] .badge'), badges(shown)],
    ["标注", onPage('[data-part="mark"]'), shown.marks.map((mark) => `这条信息自${day(mark.since)}起标注“${mark.text}”，标注期间请审慎使用。`)],
    ["信息内容", pairsOnPage(), shown.fields.map((field) => `${tidy(field.title)}：${tidy(field.text)}`)],
    ["主体的声明", onPage('[data-part="statement"]'), shown.statement ? [shown.statement.text] : []],
    ["公示期限", onPage('[data-part="term"]'), [shown.publicity.last_day ? `公示至${day(shown.publicity.last_day)}24时` : "长期公示"]],
    ["公示的依据", onPage('[data-part="reason"]'), shown.publicity.reasons.map((reason) => reason.text)],
    ["决定或发生日期", onPage('[data-part="day"]'), [day(shown.occurred_on)]],
    ["报送单位", onPage('[data-part="reporter"]'), [shown.reporter.name || shown.reporter.code]],
  ];

  const differences = (shown) => parts(shown).flatMap(([name, here, told]) => {
    const wanted = told.map(tidy);
    const longer = here.length > wanted.length ? here : wanted;
    const words = (text) => (text === undefined ? "没有" : `是“${text}”`);
    return longer.map((_, at) => (here[at] === wanted[at] ? "" : `${name}：页面上${words(here[at])}，公布的文档中${words(wanted[at])}`)).filter(Boolean);
  });

  const steps = [
    ["取得文档、日志条目和证明", async (found) => {
      const [shown, keys] = await Promise.all([read(place.dataset.proof), read(place.dataset.keys)]);
      Object.assign(found, shown, { keys: (keys.log_keys || []).map((key) => key.verifier_key) });
      found.state = opened(found.checkpoint);
      return ["已取得；以下全部在您的浏览器中计算。", ""];
    }],
    ["页面显示的就是这份文档", async ({ document: shown, entry }) => {
      if (shown.id !== place.dataset.record || entry.id !== shown.id) throw new Wrong("文档的编号与页面不同。");
      if (String(entry.seq) !== place.dataset.seq) throw new Unreachable("这条信息刚刚更新，请刷新页面后再核验");
      const different = differences(shown);
      if (different.length) throw new Wrong(`${different.join("；")}。`);
      return [`编号、日志序号（第 ${entry.seq} 条）、主体、内容、标注、声明和期限都一致。`, shown.id];
    }],
    ["文档与日志条目的摘要相符", async ({ document: shown, salt, entry }) => {
      const digest = hex(await sha256(unhex(salt), encoder.encode(canonical(shown))));
      if (digest !== entry.salted_sha256) throw new Wrong("文档或盐值被改动过。");
      return ["加盐摘要重新计算后一致：内容一个字也没有改动。", `SHA-256 ${digest}`];
    }],
    ["日志条目确在日志之中", async (found) => {
      const { entry, state } = found;
      const leaf = await sha256(Uint8Array.of(0), encoder.encode(canonical(entry)));
      const root = await rootOf(leaf, entry.seq - 1, state.size, found.proof.map(unhex));
      if (!same(root, state.root)) throw new Wrong("由证明算出的根哈希与检查点不符。");
      return [`沿 ${found.proof.length} 步证明，算到了共 ${state.size} 条的日志的根哈希。`, `叶 ${hex(leaf)}\n根 ${hex(root)}`];
    }],
    ["检查点由日志的密钥签名", async ({ state, keys }) => {
      const known = keys.map(keyOf).filter((key) => key && key.name === state.origin);
      for (const key of known) {
        const id = (await sha256(encoder.encode(`${key.name}\n`), Uint8Array.of(1), key.raw)).slice(0, 4);
        const given = state.signatures.find((one) => one.name === key.name && same(one.data.slice(0, 4), id));
        if (!given) continue;
        let imported;
        try {
          imported = await crypto.subtle.importKey("raw", key.raw, "Ed25519", false, ["verify"]);
        } catch (error) {
          return [null, key.text];
        }
        const good = await crypto.subtle.verify("Ed25519", imported, given.data.slice(4), encoder.encode(state.text));
        if (!good) throw new Wrong("签名与检查点的内容不符。");
        return ["签名正确。公钥取自本站；可与您从别处得到的公钥对照。", key.text];
      }
      throw new Wrong("检查点没有公布的密钥的签名。");
    }],
  ];

  const made = (tag, words, name) => {
    const element = document.createElement(tag);
    if (words) element.textContent = words;
    if (name) element.className = name;
    return element;
  };

  const MARKS = { good: "相符", bad: "不符", skipped: "没有做", waiting: "没有进行" };

  const tell = (list, title, kind, words, detail) => {
    const item = made("li", "", kind);
    const head = made("p", "", "check-title");
    head.append(made("span", MARKS[kind], "check-mark"), title);
    item.append(head);
    if (words) item.append(made("p", words));
    if (detail) item.append(made("p", detail, "code check-detail"));
    list.append(item);
  };

  const conclude = (box, kind, title, words) => {
    box.className = `alert ${kind}`;
    box.replaceChildren(made("p", title, "alert-title"), made("p", words));
  };

  const run = async (list, verdict) => {
    const found = {};
    let skipped = false;
    let failure = null;
    list.replaceChildren();
    for (const [title, check] of steps) {
      if (failure) { tell(list, title, "waiting", ""); continue; }
      try {
        const [words, detail] = await check(found);
        skipped = skipped || words === null;
        if (words === null) tell(list, title, "skipped", "您的浏览器没有 Ed25519，这一步没有做。可用下面的核验工具补做，或换用较新的浏览器。", detail);
        else tell(list, title, "good", words, detail);
      } catch (error) {
        failure = error;
        const reachable = !(error instanceof Unreachable);
        const words = error instanceof Wrong || error instanceof Unreachable ? error.message : "取得的数据不完整，无法计算。";
        tell(list, title, reachable ? "bad" : "skipped", words);
      }
    }
    if (failure instanceof Unreachable) {
      conclude(verdict, "warn", "没有核验成", `${failure.message}。这不说明信息有误，请稍后再试。`);
    } else if (failure) {
      conclude(verdict, "bad", "未能证实", "请不要采信本页显示的内容。刷新页面再核验一次；仍然不符的，请下载证明文件保存，并通过“投诉举报”告诉我们，也可以请其他网站或机构用核验工具复核。");
    } else if (skipped) {
      conclude(verdict, "warn", "除签名外均相符", "文档与日志相符，但检查点的签名没有核对。");
    } else {
      conclude(verdict, "good", "已证实", `页面上的内容就是公示日志第 ${found.entry.seq} 条所公布的那一版，没有改动。`);
    }
  };

  const button = place.querySelector("button");
  const list = place.querySelector("ol");
  const verdict = place.querySelector("[role=status]");
  place.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    button.textContent = "正在核验…";
    await run(list, verdict);
    button.disabled = false;
    button.textContent = "再核验一次";
  });
})();

// What a browser with scripts can do more when something is reported: copy and print the code, and
// send pictures, which a plain form cannot. Nothing is kept, nothing goes anywhere but to this site.
"use strict";

(() => {
  const MOST = 5, LARGEST = 3145728, TOGETHER = 3932160;
  const byId = (id) => document.getElementById(id);

  // -- the code -------------------------------------------------------------------------------
  const offer = () => {
    const copy = byId("copy-code"), print = byId("print-code");
    if (copy && navigator.clipboard) {
      copy.hidden = false;
      copy.onclick = async () => {
        await navigator.clipboard.writeText(byId("receipt-code").textContent.trim());
        copy.textContent = "已复制";
      };
    }
    if (print) {
      print.hidden = false;
      print.onclick = () => window.print();
    }
  };
  if (byId("copy-code")) offer();

  // -- pictures -------------------------------------------------------------------------------
  const form = byId("lead"), files = byId("files");
  if (!form || !files) return;
  byId("pictures").hidden = false;

  const tell = (id, words) => {
    const place = byId(id);
    place.textContent = words;
    place.hidden = !words;
    if (words) place.scrollIntoView({ block: "center" });
  };

  const faultOf = (chosen) => {
    if (chosen.length > MOST) return `最多附${MOST}张图片`;
    const wrong = chosen.find((one) => !["image/jpeg", "image/png"].includes(one.type));
    if (wrong) return "只接受 JPEG 和 PNG 图片";
    if (chosen.some((one) => one.size > LARGEST)) return "有图片超过3 MB，请缩小后再附";
    const sum = chosen.reduce((all, one) => all + one.size, 0);
    return sum > TOGETHER ? "图片合计超过3.75 MB，请减少或缩小" : "";
  };

  const base64 = (file) => new Promise((done, fail) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => fail(reader.error);
    reader.readAsDataURL(file);
  });

  const leadOf = async (data, chosen) => {
    const fields = {};
    for (const [name, value] of data) {
      if (name.startsWith("field_") && value.trim()) fields[name.slice(6)] = value.trim();
    }
    const pictures = await Promise.all(chosen.map(base64));
    // A file's name may tell who took it: it is not sent.
    const attachments = pictures.map((picture, index) => ({ title: `图片${index + 1}`, data: picture }));
    return { kind: data.get("kind"), unified_code: data.get("unified_code"), fields, attachments };
  };

  const placeOf = (pointer) => {
    const [first, second] = pointer.split("/").slice(1);
    if (first === "attachments") return files;
    return form.elements[first === "fields" ? `field_${second}` : first];
  };

  const refuse = (problem) => {
    const faults = (problem.errors || []).map((one) => {
      const place = placeOf(one.pointer);
      if (place && place.setAttribute) place.setAttribute("aria-invalid", "true");
      return one.message;
    });
    tell("lead-refused", `还没有提交：${faults.join("；") || problem.detail}`);
  };

  const show = (receipt) => {
    byId("receipt-code").textContent = receipt.code;
    form.remove();
    const place = byId("lead-receipt");
    place.hidden = false;
    place.focus();
    offer();
  };

  files.addEventListener("change", () => tell("files-fault", faultOf([...files.files])));

  form.addEventListener("submit", async (event) => {
    const chosen = [...files.files];
    if (!chosen.length) return;
    event.preventDefault();
    const fault = faultOf(chosen);
    tell("files-fault", fault);
    if (fault) return;
    const button = form.querySelector("button[type=submit]");
    button.disabled = true;
    tell("lead-refused", "");
    try {
      const data = new FormData(form);
      const answer = await fetch("/public/v1/leads", {
        method: "POST",
        credentials: "omit",
        headers: { "Content-Type": "application/json", "Idempotency-Key": data.get("form_key") },
        body: JSON.stringify(await leadOf(data, chosen)),
      });
      const told = await answer.json();
      if (answer.ok) show(told);
      else refuse(told);
    } catch {
      refuse({ detail: "网络不通，请稍后再按一次提交；不会重复提交" });
    } finally {
      button.disabled = false;
    }
  });
})();

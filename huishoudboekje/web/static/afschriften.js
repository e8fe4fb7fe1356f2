// Sends chosen files one by one, shows how far each is, and what became of it.
// Without this script the form sends them all at once, and the next page tells.
"use strict";
const form = document.querySelector("[data-upload]");

if (form) {
  const input = form.querySelector("input[type=file]");
  const button = form.querySelector("button");
  const waiting = form.querySelector("[data-progress]");
  const bar = form.querySelector("progress");
  const doing = form.querySelector("[data-doing]");
  const results = form.querySelector("[data-results]");

  const tell = (kind, sentence) => {
    const line = document.createElement("p");
    line.className = `message message-${kind}`;
    line.textContent = sentence;
    results.append(line);
  };

  const send = (file) =>
    new Promise((resolve) => {
      const body = new FormData();
      body.append("form_token", form.elements.form_token.value);
      body.append("bestanden", file, file.name);
      const request = new XMLHttpRequest();
      request.open("POST", form.action);
      request.setRequestHeader("Accept", "application/json");
      request.responseType = "json";
      request.upload.onprogress = (event) => {
        if (!event.lengthComputable) return;
        bar.value = (100 * event.loaded) / event.total;
      };
      request.upload.onload = () => {
        doing.textContent = `${file.name}: bezig met inlezen en boeken…`;
        bar.removeAttribute("value");
      };
      request.onload = () => {
        const answer = request.response;
        if (request.status === 200 && Array.isArray(answer)) {
          answer.forEach((each) => tell(each.kind, `${each.file}: ${each.sentence.replace(`${each.file}: `, "")}`));
        } else if (request.status === 401) {
          tell("refused", `${file.name}: u bent niet meer ingelogd. Log opnieuw in.`);
        } else if (request.status === 413) {
          tell("refused", `${file.name}: dit bestand is te groot.`);
        } else {
          tell("refused", `${file.name}: dit ging mis. Open de pagina opnieuw en probeer het nog eens.`);
        }
        resolve();
      };
      request.onerror = () => {
        tell("refused", `${file.name}: de verbinding viel weg. Lees het bestand opnieuw in; dubbel kan geen kwaad.`);
        resolve();
      };
      request.send(body);
    });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    results.replaceChildren();
    button.disabled = true;
    waiting.hidden = false;
    let number = 0;
    for (const file of input.files) {
      number += 1;
      doing.textContent = `${file.name} (${number} van ${input.files.length}): bezig met versturen…`;
      bar.value = 0;
      await send(file);
    }
    waiting.hidden = true;
    button.disabled = false;
    input.value = "";
    const onward = document.createElement("p");
    onward.className = "actions";
    for (const [path, name] of [["/werklijst", "Naar de werklijst"], ["/afschriften", "Vernieuw de lijst"]]) {
      const link = document.createElement("a");
      link.href = path;
      link.className = "button button-plain";
      link.textContent = name;
      onward.append(link, " ");
    }
    results.append(onward);
  });
}

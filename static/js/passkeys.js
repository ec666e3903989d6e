// Passkeys: what the server asks is signed by the browser and put into the form it stands in.  And a passphrase that
// can be looked at while it is typed.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const known = (list = []) => list.map((each) => ({ ...each, id: bytes(each.id) }));

function creation({ publicKey }) {
  const user = { ...publicKey.user, id: bytes(publicKey.user.id) };
  const excludeCredentials = known(publicKey.excludeCredentials);
  return { publicKey: { ...publicKey, challenge: bytes(publicKey.challenge), user, excludeCredentials } };
}

function request({ publicKey }) {
  const allowCredentials = known(publicKey.allowCredentials);
  return { publicKey: { ...publicKey, challenge: bytes(publicKey.challenge), allowCredentials } };
}

function told(credential) {
  const { response } = credential;
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const said = parts.filter((part) => response[part]).map((part) => [part, text(response[part])]);
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? null,
    response: Object.fromEntries(said),
    clientExtensionResults: credential.getClientExtensionResults(),
  });
}

async function options(button) {
  if (button.dataset.options) return JSON.parse(button.dataset.options);
  const answer = await fetch(button.dataset.from, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error("The server did not answer.");
  return answer.json();
}

async function sign(button) {
  const says = document.getElementById(button.dataset.says);
  says.textContent = "";
  button.disabled = true;
  try {
    const asked = await options(button);
    const isNew = button.dataset.passkey === "new";
    const credential = isNew
      ? await navigator.credentials.create(creation(asked))
      : await navigator.credentials.get(request(asked));
    const form = button.form;
    form.querySelector("[data-credential]").value = told(credential);
    form.noValidate = true;
    form.requestSubmit(form.querySelector("[data-send]"));
  } catch (trouble) {
    const stopped = trouble.name === "NotAllowedError" || trouble.name === "AbortError";
    says.textContent = stopped ? "Nothing was signed. Try again, or take another way." : `That did not work: ${trouble.message}`;
  } finally {
    button.disabled = false;
  }
}

for (const button of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  for (const part of document.querySelectorAll(button.dataset.shows)) part.hidden = false;
  button.addEventListener("click", () => sign(button));
}

for (const button of document.querySelectorAll("[data-reveal]")) {
  const field = document.getElementById(button.dataset.reveal);
  button.hidden = false;
  button.addEventListener("click", () => {
    const isHidden = field.type === "password";
    field.type = isHidden ? "text" : "password";
    button.setAttribute("aria-pressed", String(isHidden));
    field.focus();
  });
}

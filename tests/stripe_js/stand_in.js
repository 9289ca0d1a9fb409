// What the payment page uses of Stripe.js, for tests: the Payment Element in a frame of Stripe's origin, 3-D Secure in a
// frame of the bank's. A browser test routes js.stripe.com, hooks.stripe.com and api.stripe.com here and to the double.

const OPTIONS = ["mode", "amount", "currency", "allowedPaymentMethodTypes", "customerSessionClientSecret", "locale", "appearance"];
const FRAMES = { fields: "https://js.stripe.com/fields.html", bank: "https://hooks.stripe.com/bank.html" };

// The release that the page names refuses what it does not know, `paymentMethodTypes` of earlier ones among it.
function known(options) {
  const strange = Object.keys(options).filter((name) => !OPTIONS.includes(name));
  if (strange.length) throw new Error(`IntegrationError: elements() does not know ${strange}`);
  return options;
}

function frame(name, place, height) {
  const made = document.createElement("iframe");
  made.src = FRAMES[name];
  made.title = name === "fields" ? "Champs de carte sécurisés" : "Vérification par votre banque";
  Object.assign(made.style, { border: "0", width: "100%", height, display: "block" });
  place.append(made);
  return made;
}

// One answer of a frame to one question.
function ask(framed, question) {
  return new Promise((answer) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => answer(data);
    framed.contentWindow.postMessage(question, new URL(framed.src).origin, [port2]);
  });
}

function opened(framed) {
  return new Promise((done) => framed.addEventListener("load", done, { once: true }));
}

class PaymentElement {
  heard = {};
  constructor(options) {
    this.options = options;
  }
  on(event, act) {
    this.heard[event] = act;
  }
  async mount(place) {
    this.frame = frame("fields", place, "236px");
    await opened(this.frame);
    await this.show();
    this.heard.ready?.();
  }
  show() {
    const { locale, appearance, customerSessionClientSecret } = this.options;
    return ask(this.frame, { do: "show", locale, appearance, kept: Boolean(customerSessionClientSecret) });
  }
}

async function authenticated(client_secret) {
  const dialog = document.createElement("dialog");
  document.body.append(dialog);
  dialog.showModal();
  const bank = frame("bank", dialog, "120px");
  await opened(bank);
  const intent = await ask(bank, { client_secret });
  dialog.remove();
  return intent;
}

window.Stripe = (key) => {
  if (!key.startsWith("pk_")) throw new Error("Please use a publishable key");
  return {
    elements(options) {
      known(options);
      if (options.mode !== "payment" || !(options.amount > 0)) throw new Error("mode and amount are needed");
      let element = null;
      return {
        options,
        create: () => (element = new PaymentElement(options)),
        update: (changes) => {
          Object.assign(options, known(changes));
          return element?.show();
        },
        submit: () => ask(element.frame, { do: "submit" }),
        confirm: (client_secret) => ask(element.frame, { do: "confirm", client_secret }),
        words: (error) => ask(element.frame, { do: "words", error }),
      };
    },
    async confirmPayment({ elements, clientSecret, confirmParams, redirect }) {
      if (redirect !== "if_required" || !confirmParams.return_url.startsWith("http")) throw new Error("return_url");
      let intent = await elements.confirm(clientSecret);
      if (intent.broke) throw new Error("the connection broke");
      if (intent.status === "requires_action") intent = await authenticated(clientSecret);
      if (intent.status !== "requires_payment_method") return { paymentIntent: intent };
      return { error: await elements.words(intent.last_payment_error) };
    },
  };
};

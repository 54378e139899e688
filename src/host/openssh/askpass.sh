#!/bin/sh
# SSH_ASKPASS: ssh runs this with a prompt and reads the answer from its output. The question goes to the process that
# started ssh, over a socket in a folder that is its user's alone, with a word that only its own children know.
ELECTRON_RUN_AS_NODE=1 exec "$NETNS_EXPLORER_ASKPASS_NODE" -e '
const { connect } = require("net");
const socket = connect(process.env.NETNS_EXPLORER_ASKPASS_SOCKET);
let text = "";
socket.setEncoding("utf8");
socket.on("connect", () => socket.write(JSON.stringify({ token: process.env.NETNS_EXPLORER_ASKPASS_TOKEN, prompt: process.argv[1], hint: process.env.SSH_ASKPASS_PROMPT }) + "\n"));
socket.on("data", (data) => { text += data; });
socket.on("error", () => process.exit(1));
socket.on("end", () => {
  let answer;
  try { answer = JSON.parse(text).answer; } catch { process.exit(1); }
  if (typeof answer !== "string") process.exit(1);
  process.stdout.write(answer + "\n", () => process.exit(0));
});
' -- "$1"

// Makes static/phone.js: `npm ci && node build.mjs` in this folder. The licences of what is in it stand at its head.
import { readFileSync, readdirSync } from "node:fs";
import { build } from "esbuild";

const PARTS = ["jssip", "debug", "ms", "events", "sdp-transform"];
const licences = PARTS.map((name) => {
  const folder = `node_modules/${name}`;
  const { version } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const file = readdirSync(folder).find((found) => /^licen[cs]e/i.test(found));
  const text = readFileSync(`${folder}/${file}`, "utf8").replace(/\*\//g, "* /").trim();
  return `${name} ${version}\n\n${text}`;
});
const found = await build({
  entryPoints: ["phone.js"],
  bundle: true,
  minify: true,
  charset: "utf8",
  target: "es2019",
  legalComments: "none",
  metafile: true,
  banner: { js: `/*\nK5's browser phone, made of deploy/phone/phone.js and of these works:\n\n${licences.join("\n\n----\n\n")}\n*/` },
  outfile: "../../static/phone.js",
});
const inside = Object.keys(found.metafile.inputs).map((path) => /^node_modules\/([^/]+)/.exec(path)?.[1]).filter(Boolean);
const unnamed = [...new Set(inside)].filter((name) => !PARTS.includes(name));
if (unnamed.length) throw new Error(`name the licence of ${unnamed.join(", ")}`);

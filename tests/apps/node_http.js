// SPDX-License-Identifier: BSD-2-Clause
// server|client ADDRESS PORT FILE: a file over node's http.
const http = require('http'), fs = require('fs');
const [role, addr, port, path] = process.argv.slice(2);

if (role === 'server') {
	http.createServer((req, res) => fs.createReadStream(path).pipe(res))
		.listen(Number(port), addr);
} else {
	http.get({ host: addr, port: Number(port), agent: false }, (res) => {
		res.pipe(fs.createWriteStream(path));
	}).on('error', (e) => { console.error(e.message); process.exit(1); });
}

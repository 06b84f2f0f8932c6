"""A real SMTP server from Debian (python3-aiosmtpd) for tests: STARTTLS required, AUTH required.

As a program (by Debian's own Python, whatever other Python runs the tests) it prints its port and
appends each mail it took to a file, synced before it says 250; a quarter of them it takes late, or
answers late, so that whoever dies meanwhile cannot know. As a module it starts that program.
"""
import email
import email.policy
import json
import os
import subprocess
import sys

PYTHON = '/usr/bin/python3'
USER, PASSWORD = 'huiying@zone.example', 'mail-password-81'


class SmtpServer:
    """`test` is an ExitStack. Skips the test where aiosmtpd or openssl is missing."""

    def __init__(self, test, path, seed=1):
        import server
        if subprocess.run([PYTHON, '-c', 'import aiosmtpd'], capture_output=True).returncode:
            server.skip('python3-aiosmtpd is not installed')
        self.certificate, key = path / 'mail.crt', path / 'mail.key'
        made = subprocess.run(
            ['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj',
             '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out',
             self.certificate], capture_output=True, text=True)
        if made.returncode:
            server.skip(f'no certificate: {made.stderr[-200:]}')
        self.log = path / 'mails.jsonl'
        self.log.touch()
        self.process = subprocess.Popen(
            [PYTHON, __file__, str(self.certificate), str(key), str(self.log), str(seed)],
            stdout=subprocess.PIPE, stderr=open(path / 'smtp.log', 'ab'), text=True,
            preexec_fn=server.die_with_parent)
        test.callback(server.end, self.process)
        self.port = int(self.process.stdout.readline())

    def mails(self):
        """Every mail that was taken, in order: parsed strictly, with `taken_from` and `taken_to`."""
        found = []
        for line in self.log.read_text().splitlines():
            taken = json.loads(line)
            mail = email.message_from_bytes(bytes.fromhex(taken['content']),
                                            policy=email.policy.SMTP)
            mail.taken_from, mail.taken_to = taken['from'], taken['to']
            found.append(mail)
        return found


def main(certificate, key, log, seed):
    import asyncio
    import random
    import ssl
    from aiosmtpd.smtp import SMTP, AuthResult

    draw = random.Random(int(seed))

    class Taker:
        async def handle_DATA(self, server, session, envelope):
            await asyncio.sleep(draw.choice((0, 0, 0, 0.3)))
            with open(log, 'a', encoding='ascii') as file:
                file.write(json.dumps({'from': envelope.mail_from, 'to': envelope.rcpt_tos,
                                       'content': envelope.content.hex()}) + '\n')
                file.flush()
                os.fsync(file.fileno())
            await asyncio.sleep(draw.choice((0, 0, 0, 0.3)))
            return '250 OK'

    def authenticate(server, session, envelope, mechanism, data):
        good = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=good)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    async def serve():
        loop = asyncio.get_running_loop()
        listener = await loop.create_server(
            lambda: SMTP(Taker(), tls_context=context, require_starttls=True, auth_required=True,
                         authenticator=authenticate, loop=loop), '127.0.0.1', 0)
        print(listener.sockets[0].getsockname()[1], flush=True)
        await listener.serve_forever()
    asyncio.run(serve())


if __name__ == '__main__':
    main(*sys.argv[1:])

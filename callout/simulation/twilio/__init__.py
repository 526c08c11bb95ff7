"""A carrier that speaks Twilio's REST and webhooks on loopback, with people behind the phones.

One file each: options, pace (time), errors, records and ledger (what it keeps), request (what may come in), texts and
calls (what becomes of it), talk and twiml (an answered call), hooks (what it tells), trouble (what goes wrong), server.
"""

# The decision from instants alone, in nanoseconds; amounts are cents.
package own_time

reply := {"rows": rows, "total": sum(amounts)}

amounts := [amount | amount := rows[_].amount]

rows := [row(line) | some line in input.lines]

row(line) := personalized(line, ends(line.delivered, 15)) if {
	line.personalized
} else := plain(line, ends(line.delivered, 31))

plain(line, closes) := {
	"approved": false, "credit": false, "amount": 0, "closes": closes,
	"clause": "BAS-10", "reason": "worn",
} if {
	line.worn
} else := {
	"approved": true, "credit": false, "amount": line.price * line.quantity, "closes": closes,
	"clause": "BAS-07", "reason": "granted",
} if {
	input.request_time < closes
} else := {
	"approved": false, "credit": false, "amount": 0, "closes": closes,
	"clause": "BAS-07", "reason": "window_closed",
}

personalized(line, closes) := {
	"approved": true, "credit": true, "amount": line.price * line.quantity, "closes": closes,
	"clause": "BAS-03", "reason": "granted",
} if {
	input.request_time < closes
} else := {
	"approved": false, "credit": true, "amount": 0, "closes": closes,
	"clause": "BAS-03", "reason": "window_closed",
}

# The midnight of Paris that begins the nth day after an instant's own: one hour after
# as many times 24 hours it is that day, whatever the clocks did in between.
ends(instant, days) := midnight((midnight(instant) + (days * 86400000000000)) + 3600000000000)

midnight(instant) := instant - ((((clock[0] * 60) + clock[1]) * 60) + clock[2]) * 1000000000 if {
	clock := time.clock([instant, "Europe/Paris"])
}

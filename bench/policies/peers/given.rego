# The decision with days and windows worked out by the caller; amounts are cents.
package given

reply := {"rows": rows, "total": sum(amounts)}

amounts := [amount | amount := rows[_].amount]

rows := [row(line) | some line in input.lines]

row(line) := {
	"approved": false, "credit": false, "amount": 0, "closes": line.closes,
	"clause": "BAS-10", "reason": "worn",
} if {
	not line.personalized
	line.worn
} else := {
	"approved": true, "credit": false, "amount": line.price * line.quantity, "closes": line.closes,
	"clause": "BAS-07", "reason": "granted",
} if {
	not line.personalized
	line.days <= 30
} else := {
	"approved": false, "credit": false, "amount": 0, "closes": line.closes,
	"clause": "BAS-07", "reason": "window_closed",
} if {
	not line.personalized
} else := {
	"approved": true, "credit": true, "amount": line.price * line.quantity, "closes": line.closes,
	"clause": "BAS-03", "reason": "granted",
} if {
	line.days <= 14
} else := {
	"approved": false, "credit": true, "amount": 0, "closes": line.closes,
	"clause": "BAS-03", "reason": "window_closed",
}

// Package redress is a client of the redress decision service, which decides what a shop's
// customer is owed from the shop's published terms.
//
// Dial makes a Client, Client.Decide asks for a Verdict: act on its NextStep. A call that got
// no answer returns an *Error, which has the reason and every violation with its field.
//
// The messages of the contract are in the package redressv1.
package redress

//go:generate ./generate.sh

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"reflect"
	"runtime"
	"slices"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/pagination"
)

// patience is how long a thing may take to come to the state that is waited for.
const patience = 60 * time.Second

var ctx = context.Background()

// failure is what a check panics with; any other panic is a check's own mistake.
type failure struct{ problem string }

// check runs a check and prints how it went, as one JSON line; the others go on.
func check(name string, work func()) (passed bool) {
	defer func() {
		var problem *string
		if thrown := recover(); thrown != nil {
			text := explain(thrown)
			problem = &text
		}
		line, _ := json.Marshal(struct {
			Name    string  `json:"name"`
			Problem *string `json:"problem"`
		}{name, problem})
		fmt.Fprintln(os.Stdout, string(line))
		passed = problem == nil
	}()
	work()
	return
}

func explain(thrown any) string {
	if failed, ok := thrown.(failure); ok {
		return failed.problem
	}
	stack := make([]byte, 4096)
	return fmt.Sprintf("%v\n%s", thrown, stack[:runtime.Stack(stack, false)])
}

func fail(format string, values ...any) {
	_, file, line, _ := runtime.Caller(2)
	panic(failure{fmt.Sprintf("%s (%s:%d)", fmt.Sprintf(format, values...), file, line)})
}

// must gives the value, and ends the check when there is none.
func must[T any](value T, err error) T {
	if err != nil {
		fail("%v", err)
	}
	return value
}

// done ends the check when something did not succeed.
func done(err error) {
	if err != nil {
		fail("%v", err)
	}
}

func equal[T any](actual, expected T) {
	if !reflect.DeepEqual(actual, expected) {
		fail("%#v is not %#v", actual, expected)
	}
}

// that ends the check unless something is so.
func that(isSo bool, what string) {
	if !isSo {
		fail("not so: %s", what)
	}
}

// refused wants an error with one of these statuses.
func refused(err error, statuses ...int) {
	if !slices.ContainsFunc(statuses, func(status int) bool {
		return gophercloud.ResponseCodeIs(err, status)
	}) {
		fail("%v is not one of %v", err, statuses)
	}
}

// gone wants a 404.
func gone(err error) { refused(err, http.StatusNotFound) }

// eventually looks again and again until something is so.
func eventually(what string, isSo func() bool) {
	for deadline := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		if isSo() {
			return
		}
		if time.Now().After(deadline) {
			fail("not within %v: %s", patience, what)
		}
	}
}

// all walks every page of a list.
func all[T any](pager pagination.Pager, extract func(pagination.Page) ([]T, error)) []T {
	pages, err := pager.AllPages(ctx)
	if err != nil {
		fail("%v", err)
	}
	values, err := extract(pages)
	if err != nil {
		fail("%v", err)
	}
	return values
}

// find gives the value that is wanted, and ends the check when none is.
func find[T any](values []T, isWanted func(T) bool) T {
	index := slices.IndexFunc(values, isWanted)
	if index < 0 {
		fail("it is not among the %d that are listed", len(values))
	}
	return values[index]
}

func pointer[T any](value T) *T { return &value }

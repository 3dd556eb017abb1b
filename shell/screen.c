/*
 * The screen.  Called by shell/do_watch.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "screen.h"

#include "base/arena.h"
#include "interrupt.h"
#include "text.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

/* DEC private modes: no cursor; no line that goes on in the next one */
#define MODES_ON  "\033[?25l\033[?7l\033[2J"
#define MODES_OFF "\033[?7h\033[?25h"

#define HEAD_LINES 2 /* the head, and an empty line */

/* How the keyboard was, for a signal's handler: set before that is installed, and used
 * while there is a screen only. */
static struct termios keyboard;

static void give_back(int fd)
{
	tcsetattr(STDIN_FILENO, TCSADRAIN, &keyboard); /* no terminal: nothing happens */
	if (write(fd, MODES_OFF "\n", sizeof(MODES_OFF)) < 0)
		return; /* it has gone */
}

static void give_back_and_die(int number)
{
	give_back(STDOUT_FILENO);
	signal(number, SIG_DFL);
	raise(number);
}

static const int deadly[] = { SIGTERM, SIGHUP, SIGQUIT };

#define DEADLY (sizeof(deadly) / sizeof(deadly[0]))

/* What is typed comes at once and is not shown; Ctrl-Z would leave the terminal so. */
static void take_keys(void)
{
	struct termios now = keyboard;

	now.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	now.c_cc[VSUSP] = _POSIX_VDISABLE;
	now.c_cc[VMIN] = 1;
	now.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &now);
}

void screen_begin(struct screen *s, int stop)
{
	struct sigaction action = { .sa_handler = give_back_and_die };
	sigset_t resize;

	*s = (struct screen){
		.terminal = isatty(STDOUT_FILENO), .resized = -1, .stop = stop
	};
	if (!s->terminal)
		return;
	s->keys = tcgetattr(STDIN_FILENO, &keyboard) == 0;
	for (size_t i = 0; i < DEADLY; i++)
		sigaction(deadly[i], &action, NULL);
	sigemptyset(&resize);
	sigaddset(&resize, SIGWINCH);
	sigprocmask(SIG_BLOCK, &resize, &s->before);
	s->resized = signalfd(-1, &resize, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->keys)
		take_keys();
	fputs(MODES_ON, stdout);
	fflush(stdout);
}

void screen_end(struct screen *s)
{
	if (!s->terminal)
		return;
	fflush(stdout);
	give_back(STDOUT_FILENO);
	if (s->resized >= 0)
		close(s->resized);
	sigprocmask(SIG_SETMASK, &s->before, NULL);
	for (size_t i = 0; i < DEADLY; i++)
		signal(deadly[i], SIG_DFL);
}

static int count_lines(const char *text)
{
	int n = 0;

	for (; *text != '\0'; n++) {
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return n;
}

/* Each line is cleared just before it is written: a cursor behind one that is as wide as
 * the screen stands on its last character. */
static void print_screen(
	FILE *to, const struct view *view, const char *head, const char *text)
{
	int lines = count_lines(text), room = view->lines - HEAD_LINES,
	    shown = lines <= room ? lines : room - 1;

	fputs("\033[H\033[K", to);
	text_paint(to, view, PAINT_HEADER, head);
	fputs("\n\033[K", to);
	if (room < 1)
		return;
	for (int i = 0; i < shown; i++) {
		size_t n = strcspn(text, "\n");

		fprintf(to, "\n\033[K%.*s", (int)n, text);
		text += n + (text[n] == '\n');
	}
	if (shown < room)
		fputs("\n\033[J", to);
	if (shown < lines)
		fprintf(to, "... %d lines more", lines - shown);
}

static void write_all(const char *text, size_t size)
{
	while (size > 0) {
		ssize_t n = write(STDOUT_FILENO, text, size);

		/* whoever shares the terminal may have made it non-blocking */
		if (n < 0 && errno == EAGAIN)
			poll(&(struct pollfd){ STDOUT_FILENO, POLLOUT, 0 }, 1, -1);
		else if (n < 0 && errno != EINTR)
			return; /* it has gone, as screen_wait() tells */
		if (n > 0) {
			text += n;
			size -= (size_t)n;
		}
	}
}

void screen_draw(const struct view *view, const char *head, const char *text)
{
	char *drawn = NULL;
	size_t size;
	FILE *to = open_memstream(&drawn, &size);

	if (to == NULL)
		mem_exhausted();
	print_screen(to, view, head, text);
	fclose(to);
	write_all(drawn, size);
	free(drawn);
}

static int left_until(const struct timespec *until)
{
	struct timespec now;
	int64_t left;

	clock_gettime(CLOCK_MONOTONIC, &now);
	left = (until->tv_sec - now.tv_sec) * INT64_C(1000) +
	       (until->tv_nsec - now.tv_nsec) / 1000000;
	/* rounded up, lest the last millisecond be spent in looks at the clock */
	return left < 0 ? 0 : (int)left + 1;
}

static bool is_enough(const struct pollfd *input)
{
	char key;

	if (input->revents == 0)
		return false;
	/* the end of input is none of output's business */
	return read(input->fd, &key, 1) == 1 && (key == 'q' || key == 'Q');
}

enum screen_event screen_wait(struct screen *s, const struct timespec *until)
{
	struct pollfd fds[] = {
		{ s->stop, POLLIN, 0 }, { s->resized, POLLIN, 0 },
		{ s->keys ? STDIN_FILENO : -1, POLLIN, 0 },
		{ STDOUT_FILENO, 0, 0 }, /* has its reader gone? */
	};
	struct signalfd_siginfo told;

	for (;;) {
		int n = poll(fds, sizeof(fds) / sizeof(fds[0]), left_until(until));

		if (n == 0)
			return SCREEN_TIME;
		if (n < 0 && errno != EINTR)
			return SCREEN_END;
		if (n < 0)
			continue;
		if (fds[0].revents != 0) {
			interrupt_take();
			return SCREEN_END;
		}
		if (fds[3].revents != 0 || is_enough(&fds[2]))
			return SCREEN_END;
		if (fds[1].revents != 0 &&
			read(s->resized, &told, sizeof(told)) == sizeof(told))
			return SCREEN_RESIZED;
	}
}

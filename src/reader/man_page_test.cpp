// Tests of manual pages in both macro packages.
#include "reader/man_page.h"

#include <gtest/gtest.h>

namespace plmm::reader {
namespace {

TEST(ManPage, reads_the_macros_of_man) {
  const auto page = parse_man_page(R"(.\" A comment.
.TH LS 1 "2022" "coreutils"
.de XX
dropped
..
.if n \{\
.ds Aq \(aq
.\}
.SH NAME
ls \- list directory \fIcontents\fR
.SH OPTIONS
.TP
\fB\-a\fR, \fB\-\-all\fR
do not ignore
entries starting with .
.IP \(bu 2
one
.BR tar (1)
.nf
a
  b
.fi
)");
  EXPECT_EQ(page.name, "ls(1)");
  EXPECT_EQ(page.title, "ls(1): list directory contents");
  EXPECT_EQ(page.text,
            "# NAME\n\nls - list directory contents\n\n# OPTIONS\n\n"
            "-a, --all: do not ignore entries starting with .\n\n- one tar(1)\n\na\n  b");
}

TEST(ManPage, reads_the_macros_of_mdoc) {
  const auto page = parse_man_page(R"(.Dd November 28, 2022
.Dt SSH 1
.Os
.Sh NAME
.Nm ssh
.Nd remote login client
.Sh SYNOPSIS
.Nm ssh
.Op Fl 46
.Op Fl D Oo Ar address : Oc Ns Ar port
.Sh DESCRIPTION
.Nm
logs in, see
.Xr sshd 8 .
.Bl -tag
.It Fl p Ar port
Port to connect to.
.El
)");
  EXPECT_EQ(page.name, "ssh(1)");
  EXPECT_EQ(page.title, "ssh(1): remote login client");
  EXPECT_EQ(page.text,
            "# NAME\n\nssh - remote login client\n\n# SYNOPSIS\n\n"
            "ssh [-46] [-D [address:]port]\n\n# DESCRIPTION\n\n"
            "ssh logs in, see sshd(8).\n\n-p port: Port to connect to.");
}

TEST(ManPage, joins_options_and_indented_words_of_asciidoc) {
  EXPECT_EQ(parse_man_page(".PP\n\\-v\n.RS 4\nBe verbose\\&.\n.RE\n").text, "-v: Be verbose.");
}

TEST(ManPage, survives_macros_without_their_words) {
  EXPECT_EQ(parse_man_page(".It Op\n.It Ns\n.Nm\n.Xr\n.Fl\n.TH\n.SH\n.B\n.IP\n.TP\n").name, "");
}

TEST(ManPage, has_no_text_when_it_only_names_another_page) {
  EXPECT_EQ(parse_man_page(".so man1/bash.1\n").text, "");
}

TEST(ManPage, resolves_escapes) {
  EXPECT_EQ(resolve_escapes(R"(\fBa\fP\(em\[u2014]\[co]\-\e\&\ x\s-1y\s0\h'3n'z\*(C+\" gone)"),
            "a——©-\\ xyzC++");
}

TEST(ManPage, survives_escapes_that_are_cut_short) {
  for (const char* line : {"\\", "\\(", "\\(e", "\\[", "\\f", "\\f(", "\\h'", "\\*", "\\s", "\\[u",
                           "\\s'", "\\C", "\\[uD800]", "\\[u110000]"}) {
    EXPECT_EQ(resolve_escapes(line), "") << line;
  }
}

}  // namespace
}  // namespace plmm::reader

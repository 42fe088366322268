// plmm teacher in the table of verbs.
#include "apps/plmm/command/verbs_teacher.h"

namespace plmm::command {

Verb teacher_verb() {
  return {
      "teacher",
      "find what an expert does not know, and close it",
      "gaps writes questions about what a source says and the expert's library lacks, keeps those "
      "that hold (the answer stands in the passage, the question does not give it away, the "
      "teacher answers it with the passage and not without), asks the expert and shows what it "
      "fails.\n\nupgrade adds what the source says to a copy of the library, tests it on questions "
      "that were kept apart and on the expert's own exam, and refuses what does not help. What "
      "helps becomes a signed release with the next number; plmm expert rollback undoes "
      "it. run hands the releases out, for plmm expert update --teacher.\n\nThe teacher is a model "
      "on this machine, or any OpenAI-compatible endpoint "
      "(--endpoint; its key comes from PLMM_TEACHER_KEY).",
      {{"ACTION", {Kind::choice, "", "", 0, 0, "gaps|upgrade|run"}, "what to do"},
       {"NAME", {Kind::text}, "the expert; not for run", false}},
      {{"--source",
        {Kind::path, "PATH"},
        "a file, folder or dictionary that the expert ought to know (can be repeated); upgrade: "
        "left out, those of the last gaps",
        Repeat::many},
       {"--questions",
        {Kind::path, "FILE"},
        "ask these instead of written ones: lines of {\"question\", \"answers\"}"},
       {"--n", {Kind::integer, "N", "20", 1, 500}, "how many questions are asked"},
       {"--evidence", {}, "gaps: show each question, what was said and what the source says"},
       {"--keep-known",
        {},
        "ask also what the teacher knows without the source: for a teacher that knows almost "
        "everything"},
       {"--port",
        {Kind::integer, "N", "", 0, 65535},
        "run: where releases are handed out on this machine; default: any port that is free"},
       {"--yes", {}, "upgrade: take the release without asking"},
       {"--endpoint",
        {Kind::text, "URL"},
        "an OpenAI-compatible service, such as http://127.0.0.1:8080"},
       {"--model",
        {Kind::text, "NAME|FILE"},
        "the teacher's model; default: qwen2.5-coder-1.5b where it is here, else the default "
        "model"},
       from_setting("seed"),
       from_setting("threads"),
       from_setting("cpu"),
       kJson},
      {{"plmm teacher gaps it --source ~/notes/networks.md", "what is missing, topic by topic"},
       {"plmm teacher gaps it --questions mine.jsonl --evidence", "questions of one's own"},
       {"plmm teacher upgrade it", "a release from the last gaps, if it helps"}}};
}

}  // namespace plmm::command

// plmm correct and plmm earn as the table of verbs has them.
#include "apps/plmm/command/verbs_earn.h"

#include "apps/plmm/command/verbs_serve.h"

namespace plmm::command {

Verb correct_verb() {
  return {
      "correct",
      "teach an expert what it got wrong",
      "Shows exactly what the expert would get, under the key of your wallet and CC BY 4.0, and "
      "sends it when you say yes. The expert tries it: it is accepted when the question is then "
      "answered rightly and none of the questions that its owner keeps apart gets worse. What "
      "is accepted is paid from the expert's rewards. The same correction again is the same "
      "contribution: it gets the same verdict and is paid once.",
      {{"QUESTION", {Kind::text}, "what the expert answered wrongly"},
       {"CORRECTION", {Kind::text}, "what is true, in a sentence with the question's words"}},
      {{"--expert", {Kind::text, "NAME"}, "the expert (plmm expert ls); needed"},
       {"--answer",
        {Kind::text, "TEXT"},
        "a short answer that is right, such as a name or a number (can be repeated)",
        Repeat::many},
       {"--yes", {}, "send what is shown without asking"},
       from_setting("ledger")},
      {{"plmm correct --expert wine 'Bottled when?' 'It is bottled in May.'",
        "what is true, in a sentence"}}};
}

Verb earn_verb() {
  return {"earn",
          "show what you have contributed and earned",
          "Every correction that left this device with the expert's verdict on it, and what was "
          "paid for it. A reward that an expert cannot pay yet is owed.",
          {},
          {from_setting("ledger"), kJson},
          {{"plmm earn", "contributions, verdicts and their sum"}}};
}

}  // namespace plmm::command

// A page of text that a quantised model is measured on where no other is named.
#pragma once

#include <string_view>

namespace plmm::cli {

/// Prose, a conversation, code and figures: what a model is asked about.
inline constexpr std::string_view kQuantizeSample =
    R"(The harbour of the small town had two piers. The older one was built of oak in 1884 and was
repaired so often that hardly a plank of the first year was left; the newer one was of concrete,
with a rail for the crane and a lamp at its end that was lit at dusk. On calm mornings one could see
from either of them to the islands, nine miles off, and in autumn the fishermen said that whoever
saw the islands clearly would have rain before the evening.

Question: Why does the moon seem larger near the horizon than high in the sky?
Answer: It does not change its size. A photograph shows the same disc in both places. Near the
horizon we compare it with trees and houses that we know to be large and far away, so that we judge
it to be large as well; high in the sky there is nothing to compare it with.

def mean(values):
    """The arithmetic mean, or None of an empty list."""
    if not values:
        return None
    return sum(values) / len(values)

for name in sorted(groups, key=lambda n: len(groups[n]), reverse=True):
    print(f"{name:<12} {len(groups[name]):>5}  {mean(groups[name]):.2f}")

Water boils at 100 degrees Celsius at sea level, but at about 93 degrees at an altitude of 2,000
metres, because the air presses less on its surface. A saucepan with a lid on it loses less heat
than an open one and needs about a third less energy to keep 2 litres of water at the boil.

Dear Mr Alvarez, thank you for your letter of 3 March. We have looked into the matter and found that
the invoice was sent twice by mistake. Please disregard the second one; the amount of 48.60 euros
has not been charged. We apologise for the trouble and have changed the way in which invoices are
numbered so that it cannot happen again. Yours sincerely, the accounts department.
)";

}  // namespace plmm::cli

// Written for this program: prose, reports, explanations, and questions with their answers.
#include "learn/general_text.h"

#include <string>
#include <string_view>

namespace plmm::learn {
namespace {

struct Page {
  std::string_view text;
  std::string_view question;
  std::string_view answer;
};

constexpr Page kPages[] = {
    {R"(The ferry left the harbour at six in the morning, while the lamps along the quay were still
burning. Two lorries with timber stood on the car deck, and behind them a van from the
bakery on the island. The captain kept close to the northern shore, where the current is
weaker, and gave a long signal before the bend, for in the narrows one boat can hardly see
another. Half an hour later the first houses came into view, white and yellow, and a dog ran
along the jetty to meet the only passenger who was getting off.)",
     R"(How do I keep bread from going stale too quickly?)",
     R"(Keep it in a paper bag or a bread box at room temperature, with the cut side down. The
fridge makes it dry sooner, because starch hardens fastest a few degrees above freezing. If
you cannot finish a loaf within three days, slice it and freeze it; a frozen slice is ready
after two minutes in the toaster.)"},
    {R"(Granite forms when molten rock cools slowly, several kilometres below the surface. Because
it has a lot of time, its crystals grow large enough to be seen with the naked eye: pink or
white feldspar, glassy quartz and dark flakes of mica. Basalt has a similar origin but
reaches the surface and cools within days, so that its crystals remain tiny. Over millions
of years the layers above granite wear away, and what was once deep underground becomes a
range of hills.)",
     R"(What does the git stash command do?)",
     R"(It puts the changes of your working tree aside and takes you back to the last commit. The
changes are kept on a stack. You get them back with `git stash pop`, which also removes them
from the stack, or with `git stash apply`, which leaves them there. `git stash list` shows
all that you have put aside.)"},
    {R"(Members of the association met on the second Tuesday of May in the town library. The
treasurer reported an income of 4,310 euros, most of it from membership fees, and expenses
of 3,875 euros, of which the repair of the roof was the largest part. After a short
discussion the accounts were approved without a vote against. It was decided to hold the
summer festival on the first weekend of July, and to ask the fire brigade once more for the
use of its benches.)",
     R"(Explain in two sentences why the sky is blue.)",
     R"(Sunlight contains all colours, and the molecules of the air scatter short waves much more
strongly than long ones. So blue light reaches our eyes from all directions, while red and
yellow light mostly goes straight on.)"},
    {R"(A list keeps its elements in order, and each of them can be reached by its position. When an
element is put at the end, most implementations need no more than a single step, since they
keep some room in reserve. To put one at the front, however, all the others must move. A
queue that is used from both ends is therefore better built as a ring: two numbers say where
it begins and where it ends, and nothing ever moves until the ring is full.)",
     R"(I have 20 minutes before guests arrive. What can I cook?)",
     R"(Make a quick tomato pasta. Put the water on first; while it heats, fry two cloves of garlic
in olive oil, add a tin of tomatoes, salt and a pinch of sugar, and let it simmer. Boil the
pasta for nine minutes, mix both in the pan, and serve it with basil and grated cheese.)"},
    {R"(In the autumn of that year the rains came early, and the road across the pass was closed
from the middle of October. Letters that had been sent by the southern route took five weeks
instead of two. The merchants of the valley, who had bought their salt in advance, sold it
at twice its price; others had to wait until the snow lay firm enough for sledges. Not
before March did the first carts get through, and the bells were rung when they arrived at
the bridge.)",
     R"(What is the difference between a virus and a bacterium?)",
     R"(A bacterium is a living cell: it takes in food, grows and divides by itself, and antibiotics
can kill it. A virus is much smaller and is not a cell; it has to enter a cell and makes
that cell produce copies of it. That is why antibiotics do nothing against a cold or the
flu.)"},
    {R"(Interest that is left in an account earns interest itself. With three percent a year, one
thousand becomes 1,030 after the first year and a little less than 1,061 after the second. A
useful rule says how long it takes until a sum has doubled: divide seventy-two by the rate
in percent. At three percent that is twenty-four years, at six percent twelve. The same rule
tells how fast rising prices take away half of what money is worth.)",
     R"(Write a Python function that counts the words in a text.)",
     R"(def count_words(text):
    counts = {}
    for word in text.lower().split():
        word = word.strip('.,;:!?"()')
        if word:
            counts[word] = counts.get(word, 0) + 1
    return counts

It splits the text at white space, removes punctuation around each word, and returns a dictionary
from words to numbers.)"},
    {R"(The museum is open every day except Monday, from ten in the morning to six in the evening.
Tickets cost nine euros; children and students pay half. On the ground floor there are tools
and boats from the river, on the first floor paintings of the nineteenth century.
Photographs may be taken without flash. Bags that are larger than a sheet of paper must be
left in the lockers beside the entrance, which take a coin that is given back afterwards.)",
     R"(How far away is the Moon, and how long does light take to get there?)",
     R"(On average it is about 384,400 kilometres away. Light travels some 300,000 kilometres in a
second, so it takes about 1.3 seconds. Because the orbit is not a circle, the distance
varies between roughly 363,000 and 405,000 kilometres.)"},
    {R"(Bees find their way by the sun. A worker that has discovered a field of clover tells the
others about it with a dance on the comb: the angle to the vertical stands for the angle to
the sun, and the length of the run for the distance. Even under an overcast sky a small
patch of blue is enough, since their eyes can see how its light is polarised. When the hive
is moved by only a few metres at night, however, many of them return to the old place in the
morning.)",
     R"(Can you suggest a polite way to decline a meeting?)",
     R"(You could write: "Thank you for the invitation. I am afraid I cannot make it on Thursday, as
I have to finish a report that day. Would it help if I sent you my notes beforehand, or
could we find a time next week?" It gives a reason, and offers something in return.)"},
};

}  // namespace

std::vector<train::Document> general_documents() {
  std::vector<train::Document> out;
  for (const Page& page : kPages) {
    train::Document text;
    text.text = page.text;
    out.push_back(std::move(text));
    train::Document chat;
    chat.messages = {{text::Role::user, std::string(page.question)},
                     {text::Role::assistant, std::string(page.answer)}};
    out.push_back(std::move(chat));
  }
  return out;
}

}  // namespace plmm::learn

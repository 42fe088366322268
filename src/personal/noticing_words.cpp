// Tables; see noticing_words.h.
#include "personal/noticing_words.h"

#include <array>
#include <string>

namespace plmm::personal {
namespace {

using enum Slot;

constexpr std::array kPatterns{
    Pattern{"live in", place, Take::place},
    Pattern{"live near", place, Take::place},
    Pattern{"live at", place, Take::place},
    Pattern{"live outside of", place, Take::place},
    Pattern{"living in", place, Take::place},
    Pattern{"am living in", place, Take::place},
    Pattern{"are living in", place, Take::place},
    Pattern{"am based in", place, Take::place},
    Pattern{"moved to", place, Take::place},
    Pattern{"have moved to", place, Take::place},
    Pattern{"am from", origin, Take::place},
    Pattern{"come from", origin, Take::place},
    Pattern{"grew up in", origin, Take::place},
    Pattern{"was born in", origin, Take::place},
    Pattern{"was raised in", origin, Take::place},
    Pattern{"go by", name, Take::name},
    Pattern{"am called", name, Take::name},
    Pattern{"am", age, Take::number},
    Pattern{"turned", age, Take::number},
    Pattern{"work as", work, Take::thing},
    Pattern{"am working as", work, Take::thing},
    Pattern{"am", work, Take::occupation},
    Pattern{"|teach", work, Take::thing},
    Pattern{"work at", workplace, Take::place},
    Pattern{"work for", workplace, Take::place},
    Pattern{"work in", workplace, Take::place},
    Pattern{"am working at", workplace, Take::place},
    Pattern{"am working for", workplace, Take::place},
    Pattern{"study", education, Take::thing},
    Pattern{"am studying", education, Take::thing},
    Pattern{"am majoring in", education, Take::thing},
    Pattern{"major in", education, Take::thing},
    Pattern{"graduated from", education, Take::thing},
    Pattern{"am graduating from", education, Take::thing},
    Pattern{"have a degree in", education, Take::thing},
    Pattern{"am getting a degree in", education, Take::thing},
    Pattern{"am doing", education, Take::studies},
    Pattern{"am in", education, Take::studies},
    Pattern{"am taking", education, Take::studies},
    Pattern{"am", education, Take::studies},
    Pattern{"go to", education, Take::studies},
    Pattern{"attend", education, Take::thing},
    Pattern{"play", hobbies, Take::thing},
    Pattern{"play the", hobbies, Take::thing},
    Pattern{"collect", hobbies, Take::thing},
    Pattern{"do", hobbies, Take::activity},
    Pattern{"speak", languages, Take::language},
    Pattern{"am fluent in", languages, Take::language},
    Pattern{"have", people, Take::had},
    Pattern{"am |allergic to", health, Take::thing},
    Pattern{"have an |allergy to", health, Take::thing},
    Pattern{"suffer from", health, Take::thing},
    Pattern{"am |intolerant to", health, Take::thing},
    Pattern{"am |vegan", health, Take::condition},
    Pattern{"am a |vegan", health, Take::condition},
    Pattern{"am |vegetarian", health, Take::condition},
    Pattern{"am a |vegetarian", health, Take::condition},
    Pattern{"am |lactose intolerant", health, Take::condition},
    Pattern{"am |gluten intolerant", health, Take::condition},
    Pattern{"am |diabetic", health, Take::condition},
    Pattern{"am a |diabetic", health, Take::condition},
    Pattern{"am |asthmatic", health, Take::condition},
    Pattern{"am |colorblind", health, Take::condition},
    Pattern{"am |color blind", health, Take::condition},
    Pattern{"am |colour blind", health, Take::condition},
    Pattern{"am |celiac", health, Take::condition},
    Pattern{"am |coeliac", health, Take::condition},
    Pattern{"am |pregnant", health, Take::condition},
    Pattern{"am |deaf", health, Take::condition},
    Pattern{"am |blind", health, Take::condition},
    Pattern{"|eat", health, Take::thing, true},
    Pattern{"|can eat", health, Take::thing, true},
    Pattern{"|drink", health, Take::thing, true},
    Pattern{"like", likes, Take::thing},
    Pattern{"love", likes, Take::thing},
    Pattern{"enjoy", likes, Take::thing},
    Pattern{"adore", likes, Take::thing},
    Pattern{"prefer", likes, Take::thing},
    Pattern{"am into", likes, Take::thing},
    Pattern{"am a fan of", likes, Take::thing},
    Pattern{"am obsessed with", likes, Take::thing},
    Pattern{"am addicted to", likes, Take::thing},
    Pattern{"am passionate about", likes, Take::thing},
    Pattern{"am fond of", likes, Take::thing},
    Pattern{"am interested in", likes, Take::thing},
    Pattern{"like", dislikes, Take::thing, true},
    Pattern{"enjoy", dislikes, Take::thing, true},
    Pattern{"can stand", dislikes, Take::thing, true},
    Pattern{"am a fan of", dislikes, Take::thing, true},
    Pattern{"am into", dislikes, Take::thing, true},
    Pattern{"am fond of", dislikes, Take::thing, true},
    Pattern{"hate", dislikes, Take::thing},
    Pattern{"dislike", dislikes, Take::thing},
    Pattern{"am afraid of", dislikes, Take::thing},
    Pattern{"am scared of", dislikes, Take::thing},
    Pattern{"am terrified of", dislikes, Take::thing},
    Pattern{"own", possessions, Take::thing},
    Pattern{"drive a", possessions, Take::thing},
    Pattern{"bought", possessions, Take::had},
    Pattern{"am planning to", plans, Take::intent},
    Pattern{"am planning on", plans, Take::intent},
    Pattern{"plan to", plans, Take::intent},
    Pattern{"plan on", plans, Take::intent},
    Pattern{"want to", plans, Take::intent},
    Pattern{"hope to", plans, Take::intent},
    Pattern{"am going to", plans, Take::intent},
    Pattern{"am moving to", plans, Take::place},
    Pattern{"am |getting married", plans, Take::condition},
    Pattern{"|graduate", plans, Take::intent},
};

/// Each list as words between spaces.
constexpr std::string_view kAdverbs =
    " really also just actually still currently now always usually personally definitely "
    "absolutely totally honestly do mostly kinda originally truly especially particularly both "
    "already recently finally only super big huge massive very so pretty quite often ";
constexpr std::string_view kConnectors =
    " and but so because cuz cause since though although while well yeah yes yep ya no nope oh ok "
    "okay lol hi hello hey honestly actually personally now currently also then plus anyway btw "
    "sorry thanks mean nah hmm um umm uh wow too however same here currently seriously is way "
    "true definitely ah aw nowadays ";
constexpr std::string_view kDoubts =
    " if wish wished pretend pretending imagine imagining suppose supposedly hypothetically unless "
    "whether dream dreams dreamed dreamt character novel lyrics quote ";
constexpr std::string_view kReports =
    " said says saying told tells asked asks thinks claims claimed believes sings wrote heard ";
constexpr std::string_view kTasks =
    " translate summarize summarise rewrite rephrase paraphrase proofread correct fix edit improve "
    "pretend imagine act roleplay write compose continue complete repeat read reply respond answer "
    "shorten say draft polish classify extract analyse analyze suppose let's ";
constexpr std::string_view kJokes = " kidding jk joking lyrics sarcasm ";
constexpr std::string_view kStops =
    " because cuz cause but so when whenever while since though although tho if where that which "
    "who whom whose than too also lol haha hahaha hahah hehe anyway anymore i you we they he she "
    "it u ya is are was were am do does did can could would will should had has not then now "
    "currently ever even as lately recently atm today yesterday tonight tomorrow right except "
    "especially until after before during without honestly actually personally thanks please well "
    "over cos bc plus idk btw yeah mostly usually sometimes again instead more most better best "
    "just really much lot may might must been altogether ";
constexpr std::string_view kNoThings =
    " you your yours u this that it its these those him her hers them his their they he she "
    "question questions prompt prompts chat chats convo conversation idea ideas point answer "
    "answers "
    "topic guy guys thing way part sound sounds fact one ones me myself stuff what how "
    "why "
    "same there here someone something anything everything nothing everyone anyone ";
constexpr std::string_view kNoVerbs =
    " be see hear think say know believe imagine have get do admit tell answer point call make "
    "keep let feel try assume guess point pretend ";
constexpr std::string_view kUnclear =
    " being both each either neither my our some most more many any another such to no not "
    "like and or of in on at for with about around along off up out against for getting "
    "when where if ";
constexpr std::string_view kNoPlaces =
    " fear hope peace denial past moment future bed bathroom dream dreams theory general case fact "
    "love need progress home night least once work all here there where it this that these those "
    "them him her you me myself free hours my our a-lot end beginning hell heaven nothing "
    "everything something somewhere anywhere days weeks months years groups pairs teams ";
constexpr std::string_view kOccupations =
    " teacher nurse doctor engineer programmer developer designer lawyer accountant artist writer "
    "author musician chef cook baker waiter waitress bartender barista cashier driver pilot "
    "mechanic electrician plumber carpenter builder architect surveyor scientist biologist chemist "
    "physicist mathematician historian economist psychologist therapist counselor counsellor coach "
    "trainer tutor professor lecturer researcher librarian journalist editor photographer painter "
    "sculptor actor actress dancer singer composer producer director manager consultant analyst "
    "administrator secretary receptionist salesman saleswoman salesperson realtor banker broker "
    "trader farmer gardener florist butcher tailor hairdresser barber dentist pharmacist surgeon "
    "paramedic firefighter policeman policewoman soldier officer sailor fisherman guard janitor "
    "cleaner nanny babysitter translator interpreter geologist technician welder potter blogger "
    "entrepreneur freelancer midwife optician vet veterinarian postman courier judge paralegal "
    "caretaker caregiver stewardess plumber machinist locksmith bookkeeper statistician botanist ";
constexpr std::string_view kLanguages =
    " english spanish portuguese french german italian dutch swedish norwegian danish finnish "
    "icelandic polish czech slovak hungarian romanian bulgarian greek turkish russian ukrainian "
    "serbian croatian arabic hebrew persian farsi hindi urdu bengali punjabi tamil telugu chinese "
    "mandarin cantonese japanese korean vietnamese thai khmer cambodian indonesian malay tagalog "
    "swahili yoruba igbo hausa zulu afrikaans catalan basque irish welsh latin esperanto hawaiian "
    "samoan tongan quechua mongolian nepali lithuanian latvian estonian slovenian albanian asl ";
constexpr std::string_view kRelations =
    " wife husband girlfriend boyfriend fiance fiancee fiancé fiancée partner spouse sister "
    "sisters "
    "brother brothers sibling siblings son sons daughter daughters kid kids child children twins "
    "roommate roommates flatmate housemate stepmom stepdad stepmother stepfather stepsister "
    "stepbrother niece nephew nieces nephews grandson granddaughter grandchildren ";
constexpr std::string_view kParents =
    " mom mum mother dad father grandma grandmother grandpa grandfather aunt uncle cousin friend "
    "boss neighbor neighbour colleague coworker teacher professor doctor dentist therapist coach ";
constexpr std::string_view kPets =
    " dog dogs cat cats puppy kitten hamster rabbit bunny parrot horse turtle tortoise goldfish "
    "fish snake lizard ferret budgie canary gecko hedgehog chickens ";
constexpr std::string_view kIllnesses =
    " asthma diabetes epilepsy migraines arthritis hypertension anemia anaemia celiac coeliac "
    "dyslexia adhd autism depression anxiety insomnia eczema psoriasis scoliosis tinnitus ms "
    "parkinson's fibromyalgia allergies hypothyroidism ";
constexpr std::string_view kBelongings =
    " car truck van bike bicycle motorcycle motorbike scooter boat house apartment flat cottage "
    "cabin farm garden piano guitar violin ukulele drum camera telescope iphone ipad macbook xbox "
    "playstation switch kindle tent kayak canoe surfboard snowboard maker machine printer ";
constexpr std::string_view kKinship =
    " older younger little big oldest youngest twin step dear elder only first second best good "
    "close new baby middle former  ";
constexpr std::string_view kFond = " poor cute sweet lovely late crazy old beautiful ";
constexpr std::string_view kNumbers =
    " two three four five six seven eight nine ten several some many 2 3 4 5 6 7 8 9 10 ";
constexpr std::string_view kStudies =
    " major majors minor student freshman sophomore junior senior undergrad undergraduate grad "
    "graduate class classes university college school degree program programme phd ";
constexpr std::string_view kGames =
    " yoga karate judo pilates jiu jujitsu ballet gymnastics crossfit taekwondo origami parkour "
    "archery pottery photography ";
constexpr std::string_view kClauseHeads =
    " i we you he she it they my your am then also have has had do does did like love enjoy hate "
    "live work think just now would want wanna is are was were can could will so not no if what "
    "how when where why that there this maybe honestly really the make makes get got go going went "
    "try tried use used feel felt play watch read need know see saw hope wish wanted take took "
    "want ";
constexpr std::string_view kEmpty =
    " all little bit few lot couple place town city village house family area country world bunch "
    "play "
    "seeing hearing going being class classes homework work school time people times day days ";
constexpr std::string_view kDangling =
    " of in at with to for about a an the and or from on by like into around my ";
constexpr std::string_view kPeriods =
    " month year week weekend summer spring fall autumn winter semester morning afternoon evening "
    "night time day season term ";
constexpr std::string_view kNoNames =
    " fine good great bored tired new here sorry happy sad not back done ok okay well american "
    "canadian mexican british australian european asian african mormon muslim jewish catholic "
    "christian buddhist atheist indian brazilian english spanish german french italian chinese "
    "japanese korean russian polish dutch irish the a an in at so just really from your my ";
constexpr std::string_view kJudged =
    " bad terrible horrible awful good great decent amazing better slow fast natural born such "
    "real "
    "total big huge fan lousy mean safe ";
constexpr std::string_view kAmbitions = " learn become visit move study retire adopt marry try ";
constexpr std::string_view kAskers =
    " what who where when why how which do does did is are can could would will should am was "
    "have has and you u any wbu hbu ";
constexpr std::string_view kPlaceEnds = " for with by to on at about until from near ";
constexpr std::string_view kGreetings = " hi hello hey hiya greetings there everyone plmm ";
constexpr std::string_view kLater =
    " someday eventually next summer fall autumn winter spring year month january february "
    "march april june july august september october november december after graduate graduation ";

/// In the order of WordList.
constexpr std::array<std::string_view, 34> kLists{
    kAdverbs,  kConnectors, kDoubts,      kReports,    kTasks,       kJokes,     kStops,
    kNoThings, kNoVerbs,    kUnclear,     kNoPlaces,   kOccupations, kLanguages, kRelations,
    kParents,  kPets,       kIllnesses,   kBelongings, kKinship,     kFond,      kNumbers,
    kStudies,  kGames,      kClauseHeads, kEmpty,      kDangling,    kPeriods,   kLater,
    kNoNames,  kJudged,     kAmbitions,   kAskers,     kPlaceEnds,   kGreetings};

}  // namespace

std::span<const Pattern> patterns() { return kPatterns; }

bool is_in(WordList list, std::string_view word) {
  if (word.empty()) return false;
  const auto words = kLists[static_cast<std::size_t>(list)];
  for (std::size_t at = words.find(word); at != std::string_view::npos;
       at = words.find(word, at + 1)) {
    if (words[at - 1] == ' ' && words[at + word.size()] == ' ') return true;
  }
  return false;
}

}  // namespace plmm::personal

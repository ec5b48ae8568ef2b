/**
 * Words that say nothing about what a text is about. Negations are among them: who asks what was
 * not done finds it by the deed.
 */
const STOP = `
a about above across after again against all almost along already also although always am among an
and another any anybody anyone anything are aren't around as at away be became because become been
before being below between both but by came can cannot can't come could couldn't did didn't do does
doesn't doing done don't down during each either else etc even ever every everybody everyone
everything few for from further gave get gets getting give given go goes going gone gonna got gotten
had hadn't has hasn't have haven't having he he'd he'll her here here's hers herself he's him himself
his how how's however i i'd if i'll i'm in into is isn't it it'd it'll its it's itself i've just keep
kept let let's like made make makes making many may maybe me might mine more most much must my myself
need neither no nobody none nor not nothing now of off often oh ok okay on once one only onto or other
others our ours ourselves out over own perhaps please put quite rather really said same say says see
seem seems seen several shall she she'd she'll she's should shouldn't since so some somebody someone
something sometimes soon still such sure take taken tell than thank thanks that that'd that'll that's
the their theirs them themselves then there there's these they they'd they'll they're they've thing
things think this those though through thus to together too took toward towards tried try under unless
until up upon us use used using very via wanna want wants was wasn't way we we'd we'll well went were
we're weren't we've what what's when where where's whether which while who whole whom who's whose why
will with within without won't would wouldn't yeah yep yes yet you you'd you'll your you're yours
yourself yourselves you've
`;

/** Without its apostrophe "I'd" is another word. */
const OTHER_WORDS = new Set(['id', 'ill', 'hell', 'shell', 'shed', 'wed']);

/** Stop words as they are written, apostrophes straight and left out both. */
export const stopWords: ReadonlySet<string> = new Set(
  STOP.split(/\s+/)
    .filter(Boolean)
    .flatMap((word) => [word, word.replace("'", '')])
    .filter((word) => !OTHER_WORDS.has(word)),
);

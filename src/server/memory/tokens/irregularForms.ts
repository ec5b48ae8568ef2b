/** Irregular verbs and nouns by their base: the stemmer does not bring these together. */
const FORMS = `
arise arose arisen|awake awoke awoken|bear bore borne|beat beaten|begin began begun|bend bent|bite bit
bitten|bleed bled|blow blew blown|break broke broken|breed bred|bring brought|build built|burn burnt
burned|buy bought|catch caught|choose chose chosen|cling clung|creep crept|deal dealt|dig dug|draw
drew drawn|dream dreamt|drink drank drunk|drive drove driven|dwell dwelt|eat ate eaten|fall fell
fallen|feed fed|feel felt|fight fought|find found|flee fled|fling flung|fly flew flown|forbid forbade
forbidden|forget forgot forgotten|forgive forgave forgiven|freeze froze frozen|grind ground|grow grew
grown|hang hung|hear heard|hide hid hidden|hold held|know knew known|lay laid|lead led|lean leant|leap
leapt|learn learnt|leave left|lend lent|light lit|lose lost|mean meant|meet met|mistake mistook
mistaken|overcome overcame|pay paid|prove proven|ride rode ridden|ring rang rung|rise rose risen|run
ran|see saw|seek sought|sell sold|send sent|sew sewn|shake shook shaken|shine shone|shoot shot|show
shown|shrink shrank shrunk|sing sang sung|sink sank sunk|sit sat|sleep slept|slide slid|sow sown|speak
spoke spoken|spell spelt|spend spent|spill spilt|spin spun|split splitting|spoil spoilt|spring sprang
sprung|stand stood|steal stole stolen|stick stuck|sting stung|strike struck stricken|strive strove
striven|swear swore sworn|sweep swept|swell swollen|swim swam swum|swing swung|teach taught|tear tore
torn|throw threw thrown|tread trod|undergo underwent undergone|understand understood|undertake undertook
undertaken|undo undid undone|wake woke woken|wear wore worn|weave wove woven|weep wept|win won|wind
wound|withdraw withdrew withdrawn|withstand withstood|write wrote written|rewrite rewrote rewritten|
rebuild rebuilt|upset upsetting|become became|
child children kid|person people|man men|woman women|foot feet|tooth teeth|mouse mice|goose geese|life
lives|wife wives|knife knives|half halves|leaf leaves|wolf wolves|shelf shelves|loaf loaves|thief
thieves|index indices|matrix matrices|vertex vertices|criterion criteria|analysis analyses|crisis
crises|phenomenon phenomena|
mother mom mum mommy mama|father dad daddy papa|grandmother grandma granny|grandfather grandpa|
photo photograph picture pic|film movie|tv television|bike bicycle|fridge refrigerator|phone telephone|
repository repo|configuration config|database db|application app|authentication auth|environment env|
documentation docs|directory dir|kubernetes k8s|
favorite favourite|color colour|center centre|theater theatre|organize organise|behavior behaviour
`;

/** Each irregular or short form with its base. */
export const irregularForms: ReadonlyMap<string, string> = new Map(
  FORMS.split('|').flatMap((group) => {
    const [base = '', ...forms] = group.trim().split(/\s+/);
    return forms.map((form): [string, string] => [form, base]);
  }),
);

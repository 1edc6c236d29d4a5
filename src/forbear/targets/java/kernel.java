import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

    // Everything below but the rules is the same for every policy.

    /** The verdict on an action, the strictest first. */
    public enum Verdict {
        FORBIDDEN, UNSAID, REQUIRED, ALLOWED;

        /** Whether the action is allowed or required. */
        public boolean permits() {
            return this == REQUIRED || this == ALLOWED;
        }

        @Override public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What is given of an optional fact that nobody knows. It never permits. */
    public static final Unknown UNKNOWN = Unknown.UNKNOWN;

    /** What is given of a fact that is known not to exist. */
    public static final None NONE = None.NONE;

    /** The type of {@link #UNKNOWN}. */
    public enum Unknown { UNKNOWN }

    /** The type of {@link #NONE}. */
    public enum None { NONE }

    /** What is known of a number: the least and the greatest that it may be, null for no limit; and whether it may be none. */
    public record InPart(Object atLeast, Object atMost, boolean orNone) { }

    /** An error of a case: the fact, or null; a code; and what is wrong, in words. */
    public record Fault(String fact, String code, String message) { }

    /** A case that cannot be decided, with each of its errors. */
    public static final class CaseException extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient List<Fault> faults;

        private CaseException(List<Fault> faults) {
            super(String.join("; ", faults.stream().map(Fault::message).toList()));
            this.faults = List.copyOf(faults);
        }

        /** Each error, at least one. */
        public List<Fault> faults() {
            return faults;
        }

        /** The code of the first error. */
        public String code() {
            return faults.get(0).code();
        }

        /** The fact of the first error, null if it is about none. */
        public String fact() {
            return faults.get(0).fact();
        }
    }

    /**
     * The verdict on an action: the deciding rules, the unknown facts that took part, and what has to go along with the
     * action if it is permitted, each with the rules that ask for it.
     */
    public record Answer(
            Action action, Verdict verdict, List<Rule> rules, List<String> unknown, Map<Action, List<Rule>> along) {
        /** Whether the action is allowed or required. */
        public boolean permitted() {
            return verdict.permits();
        }

        /** The reasons of the deciding rules. */
        public List<String> because() {
            return rules.stream().map(Rule::because).filter(Objects::nonNull).distinct().toList();
        }

        /** The sources of the deciding rules. */
        public List<String> source() {
            return rules.stream().map(Rule::source).filter(Objects::nonNull).distinct().toList();
        }
    }

    /** The decision on a case. Each answer is found out when it is asked for. */
    public static final class Decision {
        private final Reading[] readings;

        private Decision(Reading... readings) {
            this.readings = readings;
        }

        /** Whether an action is allowed or required. */
        public boolean permits(Action action) {
            return verdict(action).permits();
        }

        /** The verdict on an action alone. */
        public Verdict verdict(Action action) {
            Table table = Data.TABLES[action.ordinal()];
            Verdict strictest = Verdict.ALLOWED;
            for (Reading reading : readings) {
                Answer known = known(action, reading);
                Verdict verdict = known != null ? known.verdict : EFFECTS[best(table, active(table, reading))];
                if (verdict.compareTo(strictest) < 0) strictest = verdict;
            }
            return strictest;
        }

        /** The answer on an action. */
        public Answer of(Action action) {
            if (readings.length == 1) return answer(action, readings[0]);
            List<Answer> answers = Stream.of(readings).map(reading -> answer(action, reading)).toList();
            Verdict verdict = answers.stream().map(Answer::verdict).min(Comparator.naturalOrder()).orElseThrow();
            Set<Rule> rules = new LinkedHashSet<>();
            Set<String> unknown = new TreeSet<>();
            Map<Action, Set<Rule>> along = new TreeMap<>(BY_NAME);
            for (Answer answer : answers) {
                if (answer.verdict == verdict) rules.addAll(answer.rules);
                unknown.addAll(answer.unknown);
                answer.along.forEach((with, asking) -> along.computeIfAbsent(with, k -> new LinkedHashSet<>()).addAll(asking));
            }
            if (!verdict.permits()) along.clear();
            return new Answer(action, verdict, List.copyOf(rules), List.copyOf(unknown), listed(along));
        }

        /** The answer on each action. */
        public Map<Action, Answer> answers() {
            boolean known = readings.length == 1 && readings[0].isKnown(-1);
            return known ? OfRules.of(Data.KNOWN, readings[0].certain, this::all) : all();
        }

        private Map<Action, Answer> all() {
            Map<Action, Answer> answers = new EnumMap<>(Action.class);
            for (Action action : ACTIONS) answers.put(action, of(action));
            return Collections.unmodifiableMap(answers);
        }
    }

    /** Decides a case without a day. Throws {@link CaseException}. */
    public static Decision decide(Case given) {
        return decided(given, null, null);
    }

    /** Decides a case for a day. Throws {@link CaseException}. */
    public static Decision decide(Case given, LocalDate on) {
        return decided(given, Objects.requireNonNull(on), null);
    }

    /** Decides a case at a moment, in each of its time zones. Throws {@link CaseException}. */
    public static Decision decide(Case given, Instant at) {
        return decided(given, null, Objects.requireNonNull(at));
    }

    /** Decides a case on a day or at a moment, or neither, each as a text of JSON has it. Throws {@link CaseException}. */
    public static Decision decide(Case given, String on, String at) {
        return decided(given, on, at);
    }

    /** A case: facts, and perhaps events. It never changes. */
    public static final class Case extends Given {
        private Object zone;
        private Object historyFrom;
        private Object history;
        private Set<String> words = Set.of();

        private Case(Fact[] facts, int more) {
            super(facts, more, null);
        }

        private Case(Case other) {
            super(other);
            zone = other.zone;
            historyFrom = other.historyFrom;
            history = other.history instanceof List<?> events ? new ArrayList<>(events) : other.history;
            words = other.words;
        }

        @SuppressWarnings("unchecked") // where there are events of the builder, there are no others
        private void tell(Event event) {
            if (history == null) history = new ArrayList<Object>();
            if (event != null) ((List<Object>) history).add(new Event(event));
        }

        private void tell(String word) {
            words = new LinkedHashSet<>(words);
            words.add(word);
        }

        /** A case without any fact as yet. */
        public static Builder builder() {
            return new Builder();
        }

        /**
         * A case as a parser of JSON gives it: texts, numbers, flags, lists and maps, or values of the types that the
         * builder takes. {@code null} is unknown. What is wrong with it, {@code decide} says.
         */
        public static Case of(Map<String, ?> entries) {
            Case given = new Case(Data.FACTS, 0);
            entries.forEach((name, raw) -> {
                Integer place = Data.PLACES.get(name);
                boolean word = name.equals("zone") || name.equals("history") || name.equals("history_from");
                if (word) {
                    given.tell(name);
                    if (name.equals("zone")) given.zone = raw;
                    else if (name.equals("history")) given.history = raw == null ? given : raw instanceof List<?> events ? new ArrayList<>(events) : raw;
                    else given.historyFrom = raw;
                }
                if (place != null) given.read(place, raw);
                else if (!word) given.add(fault(name, "unknown-fact", "unknown", name));
            });
            return given;
        }
    }

    /** What a case and an event have: values of facts on their grids. */
    private abstract static class Given {
        final Fact[] facts;
        final long[] values;
        final String[] texts;
        long[][] parts;
        List<Fault> faults = List.of();
        private final String of;

        Given(Fact[] facts, int more, String of) {
            this.facts = facts;
            this.of = of;
            values = new long[facts.length + more];
            Arrays.fill(values, MISSING);
            texts = Data.HAS_TEXTS ? new String[facts.length] : null;
        }

        Given(Given other) {
            facts = other.facts;
            of = other.of;
            values = other.values.clone();
            texts = other.texts == null ? null : other.texts.clone();
            parts = other.parts == null ? null : other.parts.clone();
            faults = other.faults;
        }

        final void add(Fault fault) {
            faults = new ArrayList<>(faults);
            faults.add(fault);
        }

        final void put(int place, long value) {
            Fact fact = facts[place];
            if (fact.integral && fact.low <= value && value <= fact.high) values[place] = value;
            else read(place, value);
        }

        final void put(int place, boolean value) {
            values[place] = value ? 1 : 0;
        }

        final void put(int place, Enum<?> value) {
            if (value == null) put(place, (Object) null);
            else values[place] = value.ordinal();
        }

        final void put(int place, Object value) {
            if (value != null) read(place, value);
            else wrong(place, new CaseException(List.of(fault(facts[place].name, "no-null", "name", facts[place].name))));
        }

        final void read(int place, Object raw) {
            try {
                Fact fact = facts[place];
                if (fact.cuts != null && (raw instanceof Map<?, ?> || raw instanceof InPart)) {
                    set(place, inPart(fact, raw));
                } else {
                    values[place] = value(fact, raw);
                    if (fact.kind.equals("text")) texts[place] = raw instanceof String text ? text : null;
                    if (fact.kind.equals("weekly hours") && values[place] > ABSENT) {
                        List<?> parts = raw instanceof List<?> list ? list : List.of(raw);
                        texts[place] = String.join(",", parts.stream().map(Object::toString).filter(part -> !part.isEmpty()).toList());
                    }
                }
            } catch (CaseException wrong) {
                wrong(place, wrong);
            }
        }

        private void wrong(int place, CaseException wrong) {
            values[place] = WRONG;
            for (Fault fault : wrong.faults) add(of == null ? fault : new Fault("history", fault.code, fault.message));
        }

        final void set(int place, long[] part) {
            values[place] = part.length == 1 ? part[0] : IN_PART;
            if (part.length == 1) return;
            if (parts == null) parts = new long[values.length][];
            parts[place] = part;
        }

        /** The value of a fact as one that can be compared with that of another fact; null for unknown and for none. */
        final Object comparable(int place) {
            Fact fact = facts[place];
            if (values[place] <= ABSENT) return null;
            if (fact.kind.equals("text")) return texts[place];
            return fact.kind.equals("choice") ? fact.names.get((int) values[place]) : (Object) values[place];
        }
    }

    // Deciding

    /** The verdict of each effect: never, forbid, require, allow, along, and exempt, which is that of none. */
    private static final Verdict[] EFFECTS = {
        Verdict.FORBIDDEN, Verdict.FORBIDDEN, Verdict.REQUIRED, Verdict.ALLOWED, Verdict.REQUIRED, Verdict.UNSAID
    };
    private static final int NO_EFFECT = 5;
    /** How active a rule has to be for its effect: 1 for perhaps, 2 for certainly. */
    private static final int[] COUNTS_FROM = {1, 1, 2, 2, 1, 3};
    private static final Comparator<Action> BY_NAME = Comparator.comparing(Action::toString, $CLASS::byCodePoints);

    private static int byCodePoints(String one, String other) {
        return Arrays.compare(one.codePoints().toArray(), other.codePoints().toArray());
    }

    /** A case in one of its time zones, with the day there. */
    private static final class Reading {
        final long[] values;
        final long[][] parts;
        final long day;
        /** Of at most 64 rules, a bit for each that certainly holds, and for each that perhaps does. */
        final long certain;
        final long possible;
        /** Of more rules, what was found out of each: 1 more than its truth. Threads may find it out at once, and find the same. */
        private final byte[] truths;
        private final boolean mayBeOpen;

        Reading(long[] values, long[][] parts, long day) {
            this.values = values;
            this.parts = parts;
            this.day = day;
            truths = Data.WRITTEN.length <= 64 ? null : new byte[Data.WRITTEN.length];
            long first = Conditions.first(values, parts);
            long second = Conditions.second(values, parts);
            long inForce = Data.inForce(day);
            certain = (first & LOW | second << 32) & inForce;
            possible = (first >>> 32 | second & ~LOW) & inForce;
            boolean some = false;
            for (long value : values) some |= value <= IN_PART;
            mayBeOpen = some;
        }

        /** Whether a rule is in force, and its condition holds. */
        int truth(int rule) {
            if (truths == null) return (int) ((certain >>> rule & 1) + (possible >>> rule & 1));
            if (truths[rule] == 0) truths[rule] = (byte) (1 + found(rule));
            return truths[rule] - 1;
        }

        private int found(int rule) {
            long truth = Data.isInForce(rule, day) ? Conditions.truth(rule, values, parts) : FALSE;
            return (int) (truth & 1) + (int) (truth >>> 32);
        }

        /** Whether nothing is unknown of at most 64 rules: whether they hold, and, where they do, of the facts that they read. */
        boolean isKnown(long rules) {
            if (truths != null || ((possible ^ certain) & rules) != 0) return false;
            for (long left = mayBeOpen ? certain & rules : 0; left != 0; left &= left - 1) {
                for (int fact : Data.READ[Long.numberOfTrailingZeros(left)]) {
                    if (values[fact] == IN_PART || values[fact] == UNKNOWN_VALUE) return false;
                }
            }
            return true;
        }
    }

    /** Of each rule on an action: 0 if it is not active, 1 if that is unknown, 2 if it is. */
    private static byte[] active(Table table, Reading reading) {
        int[] rules = table.rules;
        byte[] active = new byte[rules.length];
        for (int i = 0; i < rules.length; i++) active[i] = (byte) reading.truth(rules[i]);
        if (table.overridden.length == 0) return active;
        byte[] groups = new byte[table.groups.length]; // 1 more than how active a rule of the group is
        for (int[] overridden : table.overridden) {
            int place = overridden[0];
            for (int i = 1; i < overridden.length && active[place] > 0; i++) {
                int group = overridden[i];
                if (groups[group] == 0) {
                    byte most = 0;
                    for (int rule : table.groups[group]) most = active[rule] > most ? active[rule] : most;
                    groups[group] = (byte) (most + 1);
                }
                active[place] = (byte) Math.min(active[place], 3 - groups[group]);
            }
        }
        return active;
    }

    /** The effect that gives the verdict. */
    private static int best(Table table, byte[] active) {
        int best = NO_EFFECT;
        for (int i = 0; i < active.length; i++) {
            if (table.effects[i] < best && active[i] >= COUNTS_FROM[table.effects[i]]) best = table.effects[i];
        }
        return best;
    }

    private static Answer answer(Action action, Reading reading) {
        Answer known = known(action, reading);
        return known != null ? known : whole(action, reading);
    }

    /** The answer that rests on nothing unknown: it goes by the rules that hold, and is made once. Otherwise null. */
    private static Answer known(Action action, Reading reading) {
        Table table = Data.TABLES[action.ordinal()];
        long rules = table.reads[0];
        return reading.isKnown(rules) ? OfRules.of(table.known, reading.certain & rules, () -> whole(action, reading)) : null;
    }

    private static Answer whole(Action action, Reading reading) {
        Set<String> unknown = new TreeSet<>($CLASS::byCodePoints);
        Table table = Data.TABLES[action.ordinal()];
        byte[] active = active(table, reading);
        Verdict verdict = EFFECTS[best(table, active)];
        List<Rule> rules = deciding(table, active, reading, unknown);
        Map<Action, Set<Rule>> along = new TreeMap<>(BY_NAME);
        if (verdict.permits()) {
            Deque<Integer> reached = new ArrayDeque<>(List.of(action.ordinal()));
            while (!reached.isEmpty()) {
                for (int[] companion : Data.TABLES[reached.remove()].companions) {
                    Table pair = Data.TABLES[companion[1]];
                    byte[] asking = active(pair, reading);
                    if (best(pair, asking) == NO_EFFECT) continue;
                    Action with = ACTIONS[companion[0]];
                    if (!along.containsKey(with)) reached.add(companion[0]);
                    along.computeIfAbsent(with, k -> new LinkedHashSet<>()).addAll(deciding(pair, asking, reading, unknown));
                }
            }
        }
        return new Answer(action, verdict, rules, List.copyOf(unknown), listed(along));
    }

    private static Map<Action, List<Rule>> listed(Map<Action, Set<Rule>> along) {
        if (along.isEmpty()) return Map.of();
        Map<Action, List<Rule>> listed = new LinkedHashMap<>();
        along.forEach((action, rules) -> listed.put(action, List.copyOf(rules)));
        return Collections.unmodifiableMap(listed);
    }

    /** The deciding rules, in file order. The unknown facts that took part are added to some. */
    private static List<Rule> deciding(Table table, byte[] active, Reading reading, Set<String> unknown) {
        int best = best(table, active);
        List<Rule> rules = new ArrayList<>(4);
        for (int i = 0; i < active.length; i++) {
            boolean decides = table.effects[i] == best && active[i] >= COUNTS_FROM[best];
            if (decides) rules.add(RULES[Data.WRITTEN[table.rules[i]]]);
            if (decides || active[i] == 1) {
                for (int fact : Data.READ[table.rules[i]]) {
                    long value = reading.values[fact];
                    if (value == IN_PART || value == UNKNOWN_VALUE) unknown.add(Data.FACTS[fact].name);
                }
            }
        }
        return List.copyOf(rules);
    }

    private static final Action[] ACTIONS = Action.values();
    private static final Rule[] RULES = Rule.values();

    // Truth: a bit for certainly, and 32 bits higher one for perhaps. Of a value that is absent, the number says how.

    private static final long FALSE = 0;
    private static final long PERHAPS = 1L << 32;
    private static final long TRUE = PERHAPS | 1;
    private static final long LOW = PERHAPS - 1;

    private static final long UNKNOWN_VALUE = Long.MIN_VALUE;
    private static final long NONE_VALUE = Long.MIN_VALUE + 1;
    private static final long IN_PART = Long.MIN_VALUE + 2;
    private static final long MISSING = Long.MIN_VALUE + 3;
    private static final long WRONG = Long.MIN_VALUE + 4;
    private static final long ABSENT = WRONG;
    private static final long NO_DAY = Long.MIN_VALUE;

    private static long not(long truth) {
        return ~Long.rotateLeft(truth, 32) & TRUE;
    }

    /** Whether a fact is from one number to another. */
    private static long in(long[] values, long[][] parts, int fact, long low, long high) {
        long value = values[fact];
        if (value <= ABSENT) return absent(values, parts, fact, low, high);
        return ~(value - low | high - value) >> 63 & TRUE; // none of them is beyond 2^61, and so no difference beyond a long
    }

    /** Whether a fact is in one of some ranges, by the first and the last number of each, in order. */
    private static long in(long[] values, long[][] parts, int fact, long[] ranges) {
        long value = values[fact];
        if (value > ABSENT) {
            int place = Arrays.binarySearch(ranges, value);
            return place >= 0 || (place & 1) == 0 ? TRUE : FALSE;
        }
        long truth = FALSE;
        for (int i = 0; i < ranges.length; i += 2) truth |= absent(values, parts, fact, ranges[i], ranges[i + 1]);
        return truth;
    }

    private static long absent(long[] values, long[][] parts, int fact, long low, long high) {
        if (values[fact] != IN_PART) return values[fact] == UNKNOWN_VALUE ? PERHAPS : FALSE;
        long[] part = parts[fact];
        if (low > high || part[1] < low || high < part[0]) return FALSE;
        return low <= part[0] && part[1] <= high && part[2] == 0 ? TRUE : PERHAPS;
    }

    private static long none(long[] values, long[][] parts, int fact) {
        return values[fact] == NONE_VALUE ? TRUE : values[fact] == IN_PART && parts[fact][2] != 0 ? PERHAPS : FALSE;
    }

    private static long known(long[] values, int fact) {
        return values[fact] > ABSENT ? TRUE : FALSE;
    }

    /**
     * Whether a sum of facts, each times its factor, is at most (-1), equal to (0) or at least (1) a limit. {@code terms} has the
     * place and the factor of each.
     */
    private static long sum(long[] values, long[][] parts, long[] terms, int how, long limit) {
        boolean none = false;
        boolean some = false;
        boolean part = false;
        for (int i = 0; i < terms.length; i += 2) {
            int fact = (int) terms[i];
            if (values[fact] == UNKNOWN_VALUE) return PERHAPS;
            none |= values[fact] == NONE_VALUE;
            part |= values[fact] == IN_PART;
            some |= values[fact] == IN_PART && parts[fact][2] != 0;
        }
        if (none) return FALSE;
        if (part && how == 0) return sum(values, parts, terms, -1, limit) & sum(values, parts, terms, 1, limit);
        long least = reaches(values, parts, terms, how, limit, 0);
        long most = part ? reaches(values, parts, terms, how, limit, 1) : least;
        return least == most && (least == FALSE || !some) ? least : PERHAPS;
    }

    /** The same of the least or (1) the greatest sum. */
    private static long reaches(long[] values, long[][] parts, long[] terms, int how, long limit, int end) {
        int order;
        try {
            long total = 0;
            for (int i = 0; i < terms.length; i += 2) {
                total = Math.addExact(total, Math.multiplyExact(terms[i + 1], end(values, parts, terms, i, end)));
            }
            order = Long.compare(total, limit);
        } catch (ArithmeticException beyond) {
            BigInteger total = BigInteger.ZERO;
            for (int i = 0; i < terms.length; i += 2) {
                total = total.add(whole(terms[i + 1]).multiply(whole(end(values, parts, terms, i, end))));
            }
            order = total.compareTo(whole(limit));
        }
        return order == 0 || order * how > 0 ? TRUE : FALSE;
    }

    private static long end(long[] values, long[][] parts, long[] terms, int term, int end) {
        int fact = (int) terms[term];
        return values[fact] != IN_PART ? values[fact] : parts[fact][terms[term + 1] > 0 ? end : 1 - end];
    }

    private static BigInteger whole(long number) {
        return BigInteger.valueOf(number);
    }

    // Reading values

    /** A value as given, on the grid of its fact. */
    private static long value(Fact fact, Object raw) {
        if (raw == null || raw == Unknown.UNKNOWN) {
            if (fact.absent.equals("unknown")) return UNKNOWN_VALUE;
            throw wrong(fact, "no-null", raw);
        }
        if (fact.absent.equals("none") && (raw == None.NONE || raw.equals("none"))) return NONE_VALUE;
        switch (fact.kind) {
            case "yes/no":
                if (raw instanceof Boolean flag) return flag ? 1 : 0;
                throw wrong(fact, "no-flag", raw);
            case "text":
                if (!(raw instanceof String)) throw wrong(fact, "no-text", raw);
                if (raw.toString().codePoints().anyMatch(one -> 0xD800 <= one && one <= 0xDFFF)) throw wrong(fact, "half-character", null);
                return Data.TEXTS.getOrDefault(raw, -1);
            case "weekly hours":
                hours(fact, raw);
                return 0;
            case "choice":
            case "order":
                Integer place = raw instanceof String || raw instanceof Enum<?> ? fact.places.get(raw.toString()) : null;
                if (place != null) return place;
                boolean many = fact.names.size() > 12;
                List<String> names = many ? fact.names.subList(0, 8) : fact.names;
                throw wrong(fact, "not-one-of", raw, "names", String.join(", ", names), "more", many ? fact.names.size() - 8 : null);
            default:
                long number = ordered(fact, raw);
                if (fact.low <= number && number <= fact.high) return number;
                throw wrong(fact, "out-of-range", raw, "low", text(fact, fact.low), "high", text(fact, fact.high));
        }
    }

    private static final List<String> WEEK = List.of("mon", "tue", "wed", "thu", "fri", "sat", "sun");
    private static final Pattern HOURS = Pattern.compile(
        " *([a-z]{3})(?:-([a-z]{3}))? +([01][0-9]|2[0-3]):([0-5][0-9])-(?:([01][0-9]|2[0-3]):([0-5][0-9])|24:00) *");
    private static final int MINUTES_OF_WEEK = 7 * 1440;

    /** Weekly hours as spans: the minute of the week at which each begins, and its length. */
    private static List<int[]> hours(Fact fact, Object raw) {
        List<int[]> found = new ArrayList<>();
        for (Object one : raw instanceof List<?> list ? list : List.of(raw)) {
            if (one instanceof String text && text.isEmpty()) continue;
            for (Object part : one instanceof String text ? Arrays.asList(text.split(",", -1)) : Collections.singletonList(one)) {
                Matcher read = HOURS.matcher(part instanceof String text ? text : "");
                boolean fits = read.matches();
                int first = fits ? WEEK.indexOf(read.group(1)) : -1;
                int last = !fits || read.group(2) == null ? first : WEEK.indexOf(read.group(2));
                if (first < 0 || last < 0) throw wrong(fact, "no-hours", part);
                int start = 60 * Integer.parseInt(read.group(3)) + Integer.parseInt(read.group(4));
                int stop = read.group(5) == null ? 1440 : 60 * Integer.parseInt(read.group(5)) + Integer.parseInt(read.group(6));
                if (start == stop) throw wrong(fact, "no-hours", part);
                int minutes = stop > start ? stop - start : stop - start + 1440;
                for (int day = 0; day <= Math.floorMod(last - first, 7); day++) {
                    found.add(new int[] {(first + day) % 7 * 1440 + start, minutes});
                }
            }
        }
        return found;
    }

    private static boolean isWithin(List<int[]> hours, LocalDateTime local) {
        int minute = (local.getDayOfWeek().getValue() - 1) * 1440 + local.getHour() * 60 + local.getMinute();
        return hours.stream().anyMatch(span -> Math.floorMod(minute - span[0], MINUTES_OF_WEEK) < span[1]);
    }

    /** A date, a time of day or a number on the grid of its fact, in or out of its range. */
    private static long ordered(Fact fact, Object raw) {
        return fact.kind.equals("date") ? day(fact, raw) : fact.kind.equals("time") ? time(fact, raw) : number(fact, raw);
    }

    private static final long DAY_OF_1970 = 719163;

    private static long day(Fact fact, Object raw) {
        if (raw instanceof LocalDate date) return date.toEpochDay() + DAY_OF_1970;
        if (!(raw instanceof String text) || !DATE.matcher(text).matches()) throw wrong(fact, "no-date", raw);
        try {
            long day = LocalDate.parse(text).toEpochDay() + DAY_OF_1970;
            if (day > 0) return day;
        } catch (DateTimeException noSuchDay) {
            // as below
        }
        throw wrong(fact, "no-such-day", raw);
    }

    private static final Pattern DATE = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");
    private static final Pattern TIME = Pattern.compile("([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?");
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,40}([.][0-9]{1,40})?");
    private static final Pattern SUM = Pattern.compile("[A-Z]{3} .*");

    private static long time(Fact fact, Object raw) {
        if (raw instanceof LocalTime time) {
            if (time.getNano() != 0) throw wrong(fact, "no-whole-seconds", raw);
            return time.toSecondOfDay();
        }
        if (!(raw instanceof String text) || !TIME.matcher(text).matches()) throw wrong(fact, "no-time", raw);
        if (text.length() > 8) throw wrong(fact, "no-whole-seconds", raw);
        return LocalTime.parse(text).toSecondOfDay();
    }

    private static long number(Fact fact, Object raw) {
        Object digits = raw;
        if (fact.kind.equals("money") && raw instanceof String text && SUM.matcher(text).matches()) {
            String other = text.substring(0, 3);
            if (!other.equals(fact.currency)) {
                throw wrong(fact, fact.currency == null ? "no-currency" : "other-currency", null, "other", other, "currency", fact.currency);
            }
            digits = text.substring(4);
        }
        BigDecimal amount = decimal(digits);
        if (amount == null) {
            if (fact.kind.equals("money")) throw wrong(fact, "no-sum", digits, "currency", fact.currency == null ? "CNY" : fact.currency);
            throw wrong(fact, fact.whole ? "no-whole-number" : "no-number", digits);
        }
        if (amount.precision() - amount.scale() > 15 && amount.signum() != 0) throw wrong(fact, "too-many-digits", null, "most", 15);
        BigDecimal steps = fact.decimals < 0 ? amount.multiply(fact.denominator) : amount.scaleByPowerOfTen(fact.decimals);
        try {
            if (!fact.numerator.equals(BigDecimal.ONE)) {
                BigDecimal[] parts = steps.divideAndRemainder(fact.numerator);
                steps = parts[1].signum() == 0 ? parts[0] : HALF;
            }
            return steps.longValueExact();
        } catch (ArithmeticException offGrid) {
            boolean one = fact.whole && fact.numerator.equals(BigDecimal.ONE);
            throw wrong(fact, one ? "no-whole-number" : "off-grid", digits, "step", one ? null : text(fact, 1));
        }
    }

    private static final BigDecimal HALF = new BigDecimal("0.5");

    /** A number as it was written; of a binary float, the fewest digits that give it again. Null for anything else. */
    private static BigDecimal decimal(Object raw) {
        if (raw instanceof BigDecimal number) return number;
        if (raw instanceof Long || raw instanceof Integer || raw instanceof Short || raw instanceof Byte) return BigDecimal.valueOf(((Number) raw).longValue());
        if (raw instanceof BigInteger number) return new BigDecimal(number);
        if (raw instanceof Float number) return Float.isFinite(number) ? decimal(new BigDecimal(number.toString())) : null;
        if (raw instanceof Double number) {
            if (!Double.isFinite(number)) return null;
            BigDecimal exactly = new BigDecimal(number);
            for (int digits = 15; digits < 17; digits++) {
                BigDecimal shorter = exactly.round(new MathContext(digits));
                if (shorter.doubleValue() == number) return decimal(shorter);
            }
            return decimal(exactly.round(new MathContext(17)));
        }
        return raw instanceof String text && NUMBER.matcher(text).matches() ? new BigDecimal(text) : null;
    }

    /** What is known of a number, on its fact's grid: the number; or the least, the greatest, and 1 if it may be none. */
    private static long[] inPart(Fact fact, Object raw) {
        Map<?, ?> entries = raw instanceof InPart part ? entries(part) : (Map<?, ?>) raw;
        if (entries.isEmpty() || !Set.of("at_least", "at_most", "or_none").containsAll(entries.keySet())) throw wrong(fact, "no-part", null);
        long low = end(fact, entries, "at_least", fact.low);
        long high = end(fact, entries, "at_most", fact.high);
        Object none = entries.containsKey("or_none") ? entries.get("or_none") : false;
        if (!(none instanceof Boolean)) throw wrong(fact, "no-or-none", none);
        if ((Boolean) none && !fact.absent.equals("none")) throw wrong(fact, "never-none", null);
        if (low > high) throw wrong(fact, "impossible", null, "at_least", text(fact, low), "at_most", text(fact, high));
        long[] told = told(fact, low, high, (Boolean) none);
        if (told == null) throw wrong(fact, "known-too-little", null, "known", known(fact, low, high, (Boolean) none));
        return told;
    }

    /** What is known of a number in words, without the ends of its range that go without saying. */
    private static String known(Fact fact, long low, long high, boolean none) {
        boolean least = low != fact.low || (high == fact.high ? low == 0 : low >= 0);
        String words = least ? high == fact.high ? "at least " + text(fact, low) : text(fact, low) + " to " + text(fact, high)
            : high == fact.high ? "anything" : "at most " + text(fact, high);
        return none ? words + ", or none" : words;
    }

    private static Map<String, Object> entries(InPart part) {
        Map<String, Object> entries = new LinkedHashMap<>();
        if (part.atLeast != null) entries.put("at_least", part.atLeast);
        if (part.atMost != null) entries.put("at_most", part.atMost);
        if (part.orNone) entries.put("or_none", true);
        return entries;
    }

    private static long end(Fact fact, Map<?, ?> entries, String word, long otherwise) {
        if (!entries.containsKey(word)) return otherwise;
        long end = ordered(fact, entries.get(word));
        if (fact.low <= end && end <= fact.high) return end;
        throw wrong(fact, "end-out-of-range", entries.get(word), "end", word);
    }

    /** A number that is known in part; null where that does not tell enough. */
    private static long[] told(Fact fact, long low, long high, boolean none) {
        if (low == high && !none) return new long[] {low};
        if (fact.absent.equals("needed")) {
            if (fact.related) return null;
            for (long cut : fact.cuts) if (low < cut && cut <= high) return null;
        }
        boolean unknown = fact.absent.equals("unknown") && low == fact.low && high == fact.high;
        return unknown ? new long[] {UNKNOWN_VALUE} : new long[] {low, high, none ? 1 : 0};
    }

    /** A value as a message shows it. */
    private static String said(Fact fact, long value) {
        if (fact.hidden) return "(private)";
        if (value <= ABSENT) return value == UNKNOWN_VALUE ? "null" : "\"none\"";
        if (!fact.names.isEmpty()) return shown(fact.names.get((int) value));
        return fact.kind.equals("date") || fact.kind.equals("time") ? shown(text(fact, value)) : text(fact, value);
    }

    private static String text(Fact fact, long number) {
        if (fact.kind.equals("date")) return LocalDate.ofEpochDay(number - DAY_OF_1970).toString();
        if (fact.kind.equals("time")) return String.format("%02d:%02d:%02d", number / 3600, number / 60 % 60, number % 60);
        BigDecimal value = BigDecimal.valueOf(number).multiply(fact.numerator).divide(fact.denominator, 40, RoundingMode.DOWN).stripTrailingZeros();
        return value.toPlainString();
    }

    // Errors

    private static CaseException wrong(Fact fact, String code, Object raw, Object... more) {
        List<Object> arguments = new ArrayList<>(Arrays.asList("name", fact.name));
        arguments.addAll(Arrays.asList(more));
        boolean other = false; // whether something else than the value tells of the case
        for (int i = 2; i < arguments.size(); i += 2) {
            if (!OF_CASE.contains(arguments.get(i))) continue;
            other = true;
            if (fact.hidden) arguments.set(i + 1, null);
        }
        if (fact.hidden || !other) arguments.addAll(List.of("given", fact.hidden ? "(private)" : shown(raw)));
        return refused(fact.name, code, arguments.toArray());
    }

    private static final Set<String> OF_CASE = Set.of("at_least", "at_most", "known", "other", "sum");

    private static CaseException refused(String fact, String code, Object... arguments) {
        return new CaseException(List.of(fault(fact, code, arguments)));
    }

    /** The error of a code, with its arguments by name. A part of its text that is in brackets is there if its arguments are. */
    private static Fault fault(String fact, String code, Object... arguments) {
        Map<String, String> words = new LinkedHashMap<>();
        for (int i = 0; i < arguments.length; i += 2) {
            if (arguments[i + 1] != null) words.put(arguments[i].toString(), arguments[i + 1].toString());
        }
        words.put("subject", words.containsKey("name") ? "`" + words.get("name") + "`" : "history".equals(fact) ? EVENT : "the day");
        StringBuilder message = new StringBuilder();
        String[] parts = Data.MESSAGES.get(code).split("[\\[\\]]", -1); // every second one was in brackets
        for (int i = 0; i < parts.length; i++) {
            StringBuilder part = new StringBuilder();
            Matcher place = PLACE.matcher(parts[i]);
            boolean filled = true;
            while (place.find()) {
                String word = words.get(place.group(1));
                filled &= word != null;
                place.appendReplacement(part, Matcher.quoteReplacement(word == null ? "" : word));
            }
            place.appendTail(part);
            if (filled || i % 2 == 0) message.append(part);
        }
        return new Fault(fact, code, message.toString());
    }

    private static final String EVENT = "`history[]`";
    private static final Pattern PLACE = Pattern.compile("\\{(\\w+)(?::,)?\\}");

    private static String shown(Object raw) {
        if (raw instanceof Map) return "an object";
        if (raw instanceof Collection) return "a list";
        String text = raw instanceof String ? "\"" + raw + "\"" : String.valueOf(raw);
        return text.length() > 60 ? text.substring(0, 57) + "..." : text;
    }

    // Moments and days

    private static Decision decided(Case given, Object on, Object at) {
        List<Fault> faults = new ArrayList<>(0);
        Reading[] readings;
        if (at == null) {
            if (Data.EVENTS.length > 0 && given.history != null) throw refused("history", "history-without-moment");
            if (Data.EVENTS.length > 0 && given.zone != null) zones(given);
            long[] values = on == null || Data.DERIVED.length == 0 ? given.values : given.values.clone();
            long day = NO_DAY;
            if (on != null) {
                try {
                    day = day(Data.ON, on);
                } catch (CaseException wrong) {
                    throw refused(null, wrong.code(), "given", shown(on));
                }
            } else if (Data.DATED) {
                throw refused(null, "no-day", "policy", NAME);
            }
            for (String word : given.words) {
                if (Data.EVENTS.length == 0 && !Data.PLACES.containsKey(word)) faults.add(fault(word, "unknown-fact", "unknown", word));
            }
            if (on != null) {
                sameDay(values, day, "on", faults);
                ages(given, values, day, faults, true);
                if (faults.isEmpty()) inForce(day);
            } else {
                named(given, faults);
            }
            readings = new Reading[] {reading(given, values, given.parts, day, faults)};
        } else {
            List<ZoneId> zones = zones(given);
            List<Instant> moments = new ArrayList<>();
            for (ZoneId zone : zones) moments.add(moment(at, zone, zones.size(), "at"));
            readings = new Reading[zones.size()];
            for (int i = 0; i < zones.size(); i++) {
                ZonedDateTime now = moments.get(i).atZone(zones.get(i));
                long day = now.toLocalDate().toEpochDay() + DAY_OF_1970;
                long[] values = given.values.clone();
                for (String word : given.words) if (Data.PLACES.containsKey(word)) values[Data.PLACES.get(word)] = MISSING;
                long[][] parts = given.parts == null ? new long[values.length][] : given.parts.clone();
                for (Derived derived : Data.DERIVED) {
                    if (!derived.ofMoment()) continue;
                    String name = Data.FACTS[derived.fact].name;
                    if (values[derived.fact] != MISSING) faults.add(fault(name, "follows", "name", name, "other", "at"));
                    values[derived.fact] = ofMoment(derived, now.toLocalDateTime());
                }
                for (Derived derived : Data.DERIVED) if (derived.hours >= 0) within(derived, given, values, now.toLocalDateTime(), faults);
                if (given.history != null) count(given, now, zones.size(), values, parts);
                ages(given, values, day, faults, true);
                if (on != null && faults.isEmpty() && day(Data.ON, on) != day) faults.add(fault("on", "another-day", "day", localDate(day)));
                if (faults.isEmpty()) inForce(day);
                readings[i] = reading(given, values, parts, day, faults);
            }
        }
        if (!faults.isEmpty()) throw new CaseException(faults.stream().distinct().toList());
        return new Decision(readings);
    }

    /** Checks what goes with the day of the decision where the case names that day itself. Nothing follows from it. */
    private static void named(Case given, List<Fault> faults) {
        Derived date = null;
        int others = -1;
        for (Derived derived : Data.DERIVED) {
            long value = given.values[derived.fact];
            if (value == MISSING || !derived.ofDay()) continue;
            others++;
            if (date == null && derived.measure.equals("date") && value != UNKNOWN_VALUE) date = derived;
        }
        if (date == null || others < 1) halves(given, faults);
        if (date == null || others < 1 || given.values[date.fact] == WRONG) return;
        sameDay(given.values, given.values[date.fact], Data.FACTS[date.fact].name, faults);
        ages(given, given.values, given.values[date.fact], faults, false);
    }

    /** Checks that a date and what follows from it have values both or neither. */
    private static void halves(Case given, List<Fault> faults) {
        for (Derived derived : Data.DERIVED) {
            if (derived.of < 0) continue;
            long value = given.values[derived.fact], date = given.values[derived.of];
            if (value == MISSING || value == WRONG || date == MISSING || date == WRONG || value <= ABSENT == date <= ABSENT) continue;
            Fact fact = Data.FACTS[derived.fact], of = Data.FACTS[derived.of];
            boolean hidden = fact.hidden || of.hidden;
            faults.add(fault(fact.name, "half-given", "name", fact.name, "other", of.name,
                "given", hidden ? "(private)" : said(fact, value), "following", hidden ? "(private)" : said(of, date)));
        }
    }

    /** Checks the facts that name the day of the decision, which something else says. */
    private static void sameDay(long[] values, long day, String other, List<Fault> faults) {
        boolean hidden = Data.PLACES.containsKey(other) && Data.FACTS[Data.PLACES.get(other)].hidden;
        for (Derived derived : Data.DERIVED) {
            if (!derived.ofDay() || !derived.ofMoment()) continue;
            Fact fact = Data.FACTS[derived.fact];
            long value = values[derived.fact];
            long follows = ofMoment(derived, localDate(day).atStartOfDay());
            if (value <= ABSENT || value == follows) continue;
            faults.add(fault(fact.name, "not-of-day", "name", fact.name, "other", other,
                "given", hidden ? "(private)" : said(fact, value), "following", hidden ? "(private)" : said(fact, follows)));
        }
    }

    private static void inForce(long day) {
        if (Data.FIRST <= day && day <= Data.LAST) return;
        throw refused(null, "not-in-force", "policy", NAME,
            "since", Data.FIRST == Long.MIN_VALUE ? null : localDate(Data.FIRST),
            "until", Data.LAST == Long.MAX_VALUE ? null : localDate(Data.LAST), "day", localDate(day));
    }

    /** A case with the values of its derived facts. Its errors are added to some. */
    private static Reading reading(Case given, long[] values, long[][] parts, long day, List<Fault> faults) {
        boolean first = faults.isEmpty();
        Set<String> told = first ? Set.of() : new HashSet<>(faults.stream().map(Fault::fact).toList());
        for (Fault fault : given.faults) if (first || !told.contains(fault.fact)) faults.add(fault);
        for (int place : Data.NEEDED) {
            Fact fact = Data.FACTS[place];
            if (values[place] != MISSING) continue;
            if (values == given.values) values = values.clone();
            values[place] = UNKNOWN_VALUE;
            if (fact.absent.equals("unknown") || !first && (told.contains(fact.name) || Data.FOLLOWS.contains(place))) continue;
            faults.add(fault(fact.name, "missing", "name", fact.name, "word", fact.absent.equals("none") ? "none" : null));
        }
        return new Reading(values, parts, day);
    }

    private static LocalDate localDate(long day) {
        return LocalDate.ofEpochDay(day - DAY_OF_1970);
    }

    /** Whether the moment is in the weekly hours of the case, as the value of a fact. */
    private static void within(Derived derived, Case given, long[] values, LocalDateTime local, List<Fault> faults) {
        Fact hours = Data.FACTS[derived.hours];
        String name = Data.FACTS[derived.fact].name;
        boolean told = values[derived.fact] != MISSING;
        if (values[derived.hours] != MISSING) {
            if (told) faults.add(fault(name, "follows", "name", name, "other", hours.name));
            if (values[derived.hours] == WRONG) {
                values[derived.fact] = UNKNOWN_VALUE;
            } else if (values[derived.hours] == NONE_VALUE) {
                values[derived.fact] = 0;
            } else if (values[derived.hours] > ABSENT) {
                values[derived.fact] = isWithin(hours(hours, given.texts[derived.hours]), local) ? 1 : 0;
            }
        }
    }

    private static long ofMoment(Derived derived, LocalDateTime local) {
        return switch (derived.measure) {
            case "time" -> local.toLocalTime().toSecondOfDay();
            case "date" -> local.toLocalDate().toEpochDay() + DAY_OF_1970;
            default -> local.getDayOfWeek().getValue() - 1;
        };
    }

    private static List<ZoneId> zones(Case given) {
        if (given.zone == null) throw refused("zone", "zone-missing");
        List<?> names = given.zone instanceof List<?> list ? list : List.of(given.zone);
        if (names.isEmpty()) throw refused("zone", "empty-zone");
        if (names.size() > 100) throw refused("zone", "too-many-zones", "number", names.size(), "most", 100);
        List<ZoneId> zones = new ArrayList<>();
        for (Object name : names) {
            if (name instanceof ZoneId zone) zones.add(zone);
            else if (name instanceof String text && Data.ZONES.contains(text)) zones.add(ZoneId.of(text, ZoneId.SHORT_IDS));
            else throw refused("zone", "no-zone", "given", shown(name));
        }
        return zones;
    }

    private static final Pattern MOMENT = Pattern.compile(
        "([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.][0-9]{1,9})?)?)(Z|[+-][0-9]{2}:[0-9]{2})?");

    /** A moment as given, to the microsecond. */
    private static Instant moment(Object raw, ZoneId zone, int zones, String fact) {
        Instant moment;
        if (raw instanceof Instant instant) {
            moment = instant;
        } else if (raw instanceof OffsetDateTime time) {
            moment = time.toInstant();
        } else if (raw instanceof ZonedDateTime time) {
            moment = time.toInstant();
        } else {
            Matcher parts = raw instanceof String text ? MOMENT.matcher(text) : null;
            if (parts == null || !parts.matches()) throw refused(fact, "no-moment", "name", "at", "given", shown(raw));
            LocalDateTime local;
            ZoneOffset offset;
            try {
                local = LocalDateTime.parse(parts.group(1) + "T" + parts.group(2));
                offset = parts.group(3) == null ? null : offset(parts.group(3));
            } catch (DateTimeException noSuchMoment) {
                throw refused(fact, "no-such-moment", "name", "at", "given", shown(raw));
            }
            if (local.getYear() < 1000 || local.getYear() > 9998) {
                throw refused(fact, "out-of-years", "name", "at", "given", shown(raw), "first", 1000, "last", 9998);
            }
            if (offset == null) {
                if (zones > 1) throw refused(fact, "no-offset", "name", "at", "given", shown(raw));
                List<ZoneOffset> offsets = zone.getRules().getValidOffsets(local);
                if (offsets.size() != 1) {
                    throw refused(fact, offsets.isEmpty() ? "never-shown" : "shown-twice", "name", "at", "given", shown(raw));
                }
                offset = offsets.get(0);
            }
            moment = local.toInstant(offset);
        }
        return moment.truncatedTo(ChronoUnit.MICROS);
    }

    private static ZoneOffset offset(String text) {
        if (text.equals("Z")) return ZoneOffset.UTC;
        int hours = Integer.parseInt(text.substring(1, 3));
        int minutes = Integer.parseInt(text.substring(4));
        if (hours > 23 || minutes > 59) throw new DateTimeException(text);
        int seconds = 3600 * hours + 60 * minutes;
        return ZoneOffset.ofTotalSeconds(text.charAt(0) == '-' ? -seconds : seconds);
    }

    /** Sets the facts that follow from the day of the decision and, if the case has it, from another date; or checks them alone. */
    private static void ages(Case given, long[] values, long day, List<Fault> faults, boolean derive) {
        for (Derived derived : Data.DERIVED) {
            boolean working = derived.ofCalendar();
            if (derived.of < 0 && !working) continue;
            Fact fact = Data.FACTS[derived.fact];
            long told = given.values[derived.fact];
            if (told == MISSING && !(derive && derived.needed) || !derive && derived.of >= 0 && values[derived.of] == MISSING) continue;
            long follows;
            String name = fact.name;
            if (working) {
                if (!derived.calendar.covers(day)) {
                    faults.add(notCovered(fact, derived.calendar, day, false));
                    continue;
                }
                follows = derived.calendar.worked(day - 1, day);
            } else {
                Fact of = Data.FACTS[derived.of];
                long date = values[derived.of];
                if (date == MISSING) {
                    if (told == MISSING && !of.absent.equals("unknown")) {
                        faults.add(fault(of.name, "missing-for-fact", "name", of.name, "other", name));
                    }
                    continue;
                }
                if (date == WRONG) continue;
                LocalDate today = localDate(day);
                if (date <= ABSENT) {
                    follows = date;
                } else if (derived.measure.equals("days until")) {
                    follows = date - day;
                } else if (derived.calendar != null) {
                    long uncovered = !derived.calendar.covers(day) ? day : date < day ? date + 1 : date;
                    if (!derived.calendar.covers(uncovered)) {
                        faults.add(notCovered(fact, derived.calendar, uncovered, of.hidden));
                        continue;
                    }
                    follows = derived.calendar.worked(date, day) - derived.calendar.worked(day, date);
                } else if (date > day) {
                    faults.add(fault(of.name, "after-day", "name", of.name, "date", of.hidden ? "(private)" : localDate(date)));
                    continue;
                } else {
                    follows = derived.measure.equals("years since") ? wholeYears(localDate(date), today) : wholeMonths(localDate(date), today);
                }
            }
            if (told != MISSING && told != WRONG && told != follows) {
                faults.add(working ? fault(name, "another-working-day", "name", name, "calendar", derived.calendar.name)
                    : fault(name, "another-age", "name", name, "other", Data.FACTS[derived.of].name,
                        "given", Data.FACTS[derived.of].hidden ? "(private)" : said(fact, told),
                        "following", Data.FACTS[derived.of].hidden ? "(private)" : said(fact, follows)));
            } else if (derive && follows != UNKNOWN_VALUE) {
                if (follows > ABSENT && fact.integral && (follows < fact.low || follows > fact.high)) {
                    faults.addAll(wrong(fact, "out-of-range", follows, "low", text(fact, fact.low), "high", text(fact, fact.high)).faults);
                }
                values[derived.fact] = follows;
            }
        }
    }

    private static Fault notCovered(Fact fact, Calendar calendar, long day, boolean hidden) {
        return fault(fact.name, "not-covered", "name", fact.name, "calendar", calendar.name, "first", localDate(calendar.first),
            "last", localDate(calendar.last), "day", hidden || fact.hidden ? "(private)" : localDate(Math.max(day, 1)));
    }

    private static long wholeYears(LocalDate date, LocalDate today) {
        boolean before = today.getMonthValue() < date.getMonthValue()
            || today.getMonthValue() == date.getMonthValue() && today.getDayOfMonth() < date.getDayOfMonth();
        return today.getYear() - date.getYear() - (before ? 1 : 0);
    }

    private static long wholeMonths(LocalDate date, LocalDate today) {
        long months = 12L * (today.getYear() - date.getYear()) + today.getMonthValue() - date.getMonthValue();
        return today.getDayOfMonth() < Math.min(date.getDayOfMonth(), today.lengthOfMonth()) ? months - 1 : months;
    }

    // Events

    /** An event as it is given. */
    private static final class Event extends Given {
        final int kind;
        Object at;
        Object id;

        Event(int kind) {
            super(Data.EVENTS[kind].facts, Data.EVENTS[kind].same.length, Data.EVENTS[kind].name);
            this.kind = kind;
        }

        Event(Event other) {
            super(other);
            kind = other.kind;
            at = other.at;
            id = other.id;
        }
    }

    /** An event for a fact: when it was, whether it certainly counts, and its amount, which may be none. */
    private record Chosen(Instant moment, long day, boolean certain, long low, long high, boolean none) {
        long adds(boolean most) {
            if (none) return 0;
            return certain ? most ? high : low : most ? Math.max(high, 0) : Math.min(low, 0);
        }
    }

    /** Sets the facts that follow from the events of a case. */
    private static void count(Case given, ZonedDateTime now, int zones, long[] values, long[][] parts) {
        if (!(given.history instanceof List<?> list)) throw refused("history", "no-history", "given", given.history == given ? "null" : shown(given.history));
        if (!given.words.contains("history_from")) throw refused("history_from", "no-history-from");
        long since;
        try {
            since = "opening".equals(given.historyFrom) ? 0 : day(Data.ON, given.historyFrom);
        } catch (CaseException wrong) {
            throw refused("history_from", wrong.code(), "name", "history_from", "given", String.valueOf(given.historyFrom), "word", "opening");
        }
        List<Integer> compared = new ArrayList<>();
        for (EventSpec spec : Data.EVENTS) for (int[] same : spec.same) compared.add(same[1]);
        for (Derived derived : Data.DERIVED) if (derived.needed && derived.since >= 0) compared.add(derived.since);
        for (int place : compared) {
            Fact fact = Data.FACTS[place];
            if (given.values[place] == WRONG) throw new CaseException(given.faults);
            if (given.values[place] == MISSING && !fact.absent.equals("unknown")) {
                throw refused(fact.name, "missing-for-events", "name", fact.name);
            }
        }
        for (Derived derived : Data.DERIVED) {
            String name = Data.FACTS[derived.fact].name;
            if (derived.event >= 0 && given.values[derived.fact] != MISSING) throw refused(name, "follows", "name", name, "other", "history");
        }
        List<Event> events = new ArrayList<>();
        List<Instant> moments = new ArrayList<>();
        Map<Object, Integer> byId = new HashMap<>();
        for (int number = 0; number < list.size(); number++) {
            try {
                add(list.get(number), given, now, zones, events, moments, byId);
            } catch (CaseException wrong) {
                String place = "`history[" + number + "]`";
                throw new CaseException(wrong.faults.stream().map(one -> new Fault("history", one.code,
                    one.message.startsWith(EVENT) ? one.message.replace(EVENT, place) : place + ": " + one.message)).toList());
            }
        }
        for (Derived derived : Data.DERIVED) {
            if (derived.event < 0) continue;
            values[derived.fact] = UNKNOWN_VALUE;
            if (!derived.needed) continue;
            Fact fact = Data.FACTS[derived.fact];
            long[] known = measured(derived, fact, events, moments, since, now, derived.since < 0 ? NONE_VALUE : given.values[derived.since]);
            if (known.length == 1) {
                long value = known[0];
                boolean beyond = value > ABSENT && fact.integral && (value < fact.low || value > fact.high);
                if (beyond) throw wrong(fact, "out-of-range", text(fact, value), "low", text(fact, fact.low), "high", text(fact, fact.high));
                if (value == UNKNOWN_VALUE && !fact.absent.equals("unknown")) known = null;
            } else {
                known = told(fact, known[0], known[1], known[2] == 1);
            }
            if (known == null) throw refused(fact.name, since > 0 ? "history-too-short" : "half-known", "name", fact.name, "first", since > 0 ? localDate(since) : "", "word", "opening");
            values[derived.fact] = known.length == 1 ? known[0] : IN_PART;
            if (known.length > 1) parts[derived.fact] = known;
        }
    }

    /** Reads an event, and adds it to some unless it repeats one of them. */
    private static void add(
            Object raw, Case given, ZonedDateTime now, int zones, List<Event> events, List<Instant> moments, Map<Object, Integer> byId) {
        Event event = raw instanceof Event its ? new Event(its) : event(raw);
        complete(event);
        if (!event.faults.isEmpty()) throw new CaseException(event.faults);
        EventSpec spec = Data.EVENTS[event.kind];
        Object id = id(event);
        if (event.at == null) throw refused("history", "moment-missing");
        Instant moment = moment(event.at, now.getZone(), zones, "history");
        if (moment.isAfter(now.toInstant())) throw refused("history", "after-decision", "given", shown(event.at));
        Integer before = id == null ? null : byId.putIfAbsent(id, events.size());
        if (before != null) {
            Event first = events.get(before);
            boolean alike = first.kind == event.kind && moments.get(before).equals(moment);
            for (int i = 0; alike && i < event.facts.length; i++) {
                alike = first.values[i] == event.values[i] && Objects.equals(first.comparable(i), event.comparable(i));
            }
            if (!alike) throw refused("history", "another-event", "given", spec.hiddenId ? "(private)" : shown(id));
            return;
        }
        for (int i = 0; i < spec.same.length; i++) {
            int mine = spec.same[i][0];
            int other = spec.same[i][1];
            boolean open = event.values[mine] == UNKNOWN_VALUE || given.values[other] == UNKNOWN_VALUE || given.values[other] == MISSING;
            boolean none = event.comparable(mine) == null || given.comparable(other) == null;
            int order = Long.compare(event.values[mine], given.values[other]);
            boolean holds = !none && switch (spec.same[i][2]) {
                case 0 -> event.comparable(mine).equals(given.comparable(other));
                case 1 -> order < 0;
                case 2 -> order <= 0;
                case 3 -> order > 0;
                default -> order >= 0;
            };
            event.values[event.facts.length + i] = open ? UNKNOWN_VALUE : holds ? 1 : 0;
        }
        events.add(event);
        moments.add(moment);
    }

    private static Event event(Object raw) {
        if (!(raw instanceof Map<?, ?> entries)) throw refused("history", "no-event", "given", shown(raw));
        Integer kind = entries.get("event") instanceof String name ? Data.KINDS.get(name) : null;
        if (kind == null) throw refused("history", "unknown-event", "unknown", String.valueOf(entries.get("event")));
        Event event = new Event(kind);
        entries.forEach((key, value) -> {
            if (key.equals("at")) event.at = value == null ? "null" : value;
            else if (key.equals("id")) event.id = value;
            else if (!key.equals("event")) {
                Integer place = Data.EVENTS[kind].places.get(key);
                if (place == null) throw refused("history", "unknown-attribute", "unknown", key);
                event.read(place, value);
            }
        });
        return event;
    }

    private static void complete(Event event) {
        for (int i = 0; i < event.facts.length; i++) {
            if (event.values[i] != MISSING) continue;
            event.values[i] = UNKNOWN_VALUE;
            if (!event.facts[i].absent.equals("unknown")) {
                event.add(fault("history", "attribute-missing", "attribute", event.facts[i].name));
            }
        }
    }

    private static Object id(Event event) {
        Object id = event.id;
        if (id == null) return null;
        if (id instanceof String text) {
            if (text.codePoints().anyMatch(one -> 0xD800 <= one && one <= 0xDFFF)) throw refused("history", "half-character-in-id");
            return text;
        }
        if (id instanceof Long || id instanceof Integer || id instanceof Short || id instanceof Byte) return whole(((Number) id).longValue());
        if (id instanceof BigInteger number) {
            if (number.bitLength() > 3 * 4300 && number.abs().compareTo(BigInteger.TEN.pow(4300)) >= 0) throw refused("history", "long-id", "most", 4300);
            return number;
        }
        throw refused("history", "no-id", "given", Data.EVENTS[event.kind].hiddenId ? "(private)" : shown(id));
    }

    /** What the events tell of a derived fact: its value; or the least, the greatest, and 1 if it may be none. */
    private static long[] measured(
            Derived derived, Fact fact, List<Event> events, List<Instant> moments, long since, ZonedDateTime now, long begins) {
        long today = now.toLocalDate().toEpochDay() + DAY_OF_1970;
        List<Chosen> chosen = chosen(derived, derived.event, derived.where, true, events, moments, now.getZone());
        long least = derived.attribute < 0 ? 1 : Data.EVENTS[derived.event].facts[derived.attribute].low;
        long most = derived.attribute < 0 ? 1 : Data.EVENTS[derived.event].facts[derived.attribute].high;
        switch (derived.measure) {
            case "days since":
            case "days since first":
            case "working days since":
                return daysSince(derived, fact, chosen, since, today);
            case "last":
            case "first":
                return ofOne(derived, chosen, least, most, since);
            default:
        }
        boolean hours = derived.span.equals("hours") || derived.span.equals("minutes");
        Instant start = now.toInstant().minus(Duration.ofMinutes(hours ? derived.number * (derived.span.equals("hours") ? 60L : 1L) : 0L));
        long first = Math.max(Math.max(begins, 0), switch (derived.span) {
            case "hours", "minutes" -> start.atZone(now.getZone()).toLocalDate().toEpochDay() + DAY_OF_1970;
            case "days" -> today - derived.number + 1;
            case "working days" -> derived.calendar.firstWorked(derived.number, today);
            case "months" -> sinceMonths(now.toLocalDate(), derived.number);
            case "week" -> today - now.getDayOfWeek().getValue() + 1;
            case "month" -> today - now.getDayOfMonth() + 1;
            case "quarter" -> now.toLocalDate().withDayOfMonth(1).minusMonths((now.getMonthValue() - 1) % 3).toEpochDay() + DAY_OF_1970;
            case "between" -> today - derived.number;
            default -> 0;
        });
        if (derived.span.equals("working days")) {
            for (long day : new long[] {today, derived.calendar.firstWorked(derived.number, today)}) {
                if (!derived.calendar.covers(day)) throw new CaseException(List.of(notCovered(fact, derived.calendar, day, false)));
            }
        }
        long end = derived.span.equals("at least") ? today - derived.number : derived.span.equals("between") ? today - derived.least : today;
        List<Chosen> anchors = derived.anchor < 0 ? List.of()
            : chosen(derived, derived.anchor, derived.anchorWhere, false, events, moments, now.getZone());
        Chosen last = anchors.stream().filter(Chosen::certain).max(Comparator.comparing(Chosen::moment)).orElse(null);
        List<Chosen> within = chosen.stream().filter(one -> first <= one.day && one.day <= end
            && (!hours || !one.moment.isBefore(start)) && (last == null || one.moment.isAfter(last.moment))).toList();
        long from = Math.max(first, last == null ? 0 : last.day);
        boolean covers = since <= from || from > end;
        boolean open = begins == UNKNOWN_VALUE || begins == MISSING;
        List<List<Chosen>> ways = new ArrayList<>(List.of(within));
        if (open) for (Chosen other : within) ways.add(within.stream().filter(one -> one.day > other.day).toList());
        for (List<Chosen> dated : List.copyOf(ways)) {
            for (Chosen anchor : anchors) if (!anchor.certain) ways.add(dated.stream().filter(one -> one.moment.isAfter(anchor.moment)).toList());
            if (derived.anchor >= 0 && !covers) ways.add(dated.stream().filter(one -> one.day >= since).toList());
        }
        long low = Long.MAX_VALUE;
        long high = Long.MIN_VALUE;
        for (List<Chosen> way : ways) {
            low = Math.min(low, sum(way, false));
            high = Math.max(high, sum(way, true));
        }
        if (derived.measure.startsWith("days ")) {
            boolean row = derived.measure.equals("days in a row");
            long until = row ? Math.min(end, today - 1) : end;
            low = Long.MAX_VALUE;
            high = 0;
            for (List<Chosen> way : ways) {
                low = Math.min(low, number(way.stream().filter(Chosen::certain), row, until));
                high = Math.max(high, number(way.stream(), row, until));
            }
            if (!covers) {
                long after = number(within.stream().filter(one -> one.day >= since), row, until);
                boolean broken = row && until - after >= since;
                high = broken ? after : from == 0 ? fact.high : after + Math.max(Math.min(until, since - 1) - from + 1, 0);
            }
            high = Math.min(high, fact.high);
            return low == high ? new long[] {low} : new long[] {low, high, 0};
        }
        if (derived.measure.equals("any")) return new long[] {low != 0 ? 1 : high != 0 || !covers ? UNKNOWN_VALUE : 0};
        if (!covers) {
            if (least < 0) low = fact.low;
            if (most > 0) high = fact.high;
        }
        if (low > fact.high || high < fact.low) throw wrong(fact, "sum-out-of-range", null, "sum", text(fact, low > fact.high ? low : high));
        low = Math.max(low, fact.low);
        high = Math.min(high, fact.high);
        return low == high ? new long[] {low} : new long[] {low, high, 0};
    }

    /** On how many days there are events, or on how many in a row up to the last one. */
    private static long number(Stream<Chosen> events, boolean row, long last) {
        Set<Long> days = events.map(Chosen::day).collect(Collectors.toSet());
        long number = 0;
        while (row && days.contains(last - number)) number++;
        return row ? number : days.size();
    }

    private static long sum(List<Chosen> events, boolean most) {
        long sum = 0;
        for (Chosen event : events) sum = Math.max(-BEYOND, Math.min(BEYOND, sum + event.adds(most)));
        return sum;
    }

    /** More than any sum that is no error. */
    private static final long BEYOND = 1L << 61;

    private static List<Chosen> chosen(
            Derived derived, int kind, int where, boolean amounts, List<Event> events, List<Instant> moments, ZoneId zone) {
        List<Chosen> chosen = new ArrayList<>();
        for (int i = 0; i < events.size(); i++) {
            Event event = events.get(i);
            long truth = event.kind == kind ? Conditions.truth(where, event.values, null) : FALSE;
            if (truth == FALSE) continue;
            Instant moment = moments.get(i);
            long low = 1;
            long high = 1;
            boolean none = false;
            if (amounts && derived.attribute >= 0) {
                Fact attribute = event.facts[derived.attribute];
                long value = event.values[derived.attribute];
                none = value == NONE_VALUE;
                low = value > ABSENT ? value : attribute.low;
                high = value > ABSENT ? value : attribute.high;
            }
            long day = moment.atZone(zone).toLocalDate().toEpochDay() + DAY_OF_1970;
            chosen.add(new Chosen(moment, day, truth == TRUE, low, high, none));
        }
        return chosen;
    }

    /** The first day since which fewer than so many months are complete. */
    private static long sinceMonths(LocalDate today, long number) {
        LocalDate first = today.minusMonths(number);
        boolean last = today.getDayOfMonth() == today.lengthOfMonth();
        return first.withDayOfMonth(last ? first.lengthOfMonth() : first.getDayOfMonth()).toEpochDay() + DAY_OF_1970 + 1;
    }

    private static long[] daysSince(Derived derived, Fact fact, List<Chosen> chosen, long since, long today) {
        Calendar calendar = derived.calendar;
        if (calendar != null && !calendar.covers(today)) throw new CaseException(List.of(notCovered(fact, calendar, today, false)));
        boolean first = derived.measure.equals("days since first");
        long none = Long.MAX_VALUE;
        long certain = first ? none : 0;
        long latest = since - 1;
        long earliest = none;
        boolean any = false;
        for (Chosen event : chosen) {
            if (event.certain) {
                certain = first ? Math.min(certain, event.day) : Math.max(certain, event.day);
                any = true;
            }
            latest = Math.max(latest, event.day);
            earliest = Math.min(earliest, event.day);
        }
        if (first && any) latest = certain;
        if (latest <= 0) return new long[] {NONE_VALUE};
        long low = calendar == null ? Math.max(today - latest, 0) : calendar.worked(latest, today);
        long high = fact.high;
        if (any && !first) {
            if (calendar != null && !calendar.covers(Math.min(certain + 1, today))) {
                throw new CaseException(List.of(notCovered(fact, calendar, Math.min(certain + 1, today), false)));
            }
            high = calendar == null ? today - certain : calendar.worked(certain, today);
        } else if (since == 0 && (calendar == null || earliest >= calendar.first - 1)) {
            high = calendar == null ? today - earliest : calendar.worked(earliest, today);
        }
        return any && low == high ? new long[] {low} : new long[] {low, high, any ? 0 : 1};
    }

    /** What is known of an attribute of the last or first event. */
    private static long[] ofOne(Derived derived, List<Chosen> chosen, long least, long most, long since) {
        boolean first = derived.measure.equals("first");
        Comparator<Instant> order = first ? Comparator.reverseOrder() : Comparator.naturalOrder();
        Instant end = chosen.stream().filter(Chosen::certain).map(Chosen::moment).max(order).orElse(null);
        List<Chosen> mayBe = chosen.stream().filter(one -> end == null || order.compare(one.moment, end) >= 0).toList();
        boolean others = since > 0 && (first || mayBe.stream().filter(Chosen::certain).allMatch(one -> one.day < since));
        boolean none = end == null || others && Data.EVENTS[derived.event].facts[derived.attribute].absent.equals("none");
        long low = others ? least : Long.MAX_VALUE;
        long high = others ? most : Long.MIN_VALUE;
        for (Chosen event : mayBe) {
            none |= event.none;
            if (event.none) continue;
            low = Math.min(low, event.low);
            high = Math.max(high, event.high);
        }
        if (low > high) return new long[] {NONE_VALUE};
        return low == high && !none ? new long[] {low} : new long[] {low, high, none ? 1 : 0};
    }

    // The policy

    private static final class Fact {
        String name;
        String kind;
        String absent;
        BigDecimal numerator;
        BigDecimal denominator;
        long low;
        long high;
        String currency;
        boolean hidden;
        boolean related;
        boolean integral;
        boolean whole;
        int decimals; // of its step, if that is 1, 0.1, 0.01 and so on; else -1
        long[] cuts;
        List<String> names;
        Map<String, Integer> places;
    }

    /** {@code reads} has one number: of at most 64 rules, a bit for each that an answer on the action may go by. */
    private record Table(
            String name, int[] rules, int[] effects, int[][] groups, int[][] overridden, int[][] companions, long[] reads,
            OfRules<Answer>[] known) { }

    /** What goes by the rules that hold and by nothing else. Threads may make it at once, and make the same. */
    private record OfRules<T>(long rules, T made) {
        static <T> T of(OfRules<T>[] some, long rules, Supplier<T> making) {
            int place = (int) (rules * 0x9E3779B97F4A7C15L >>> 32) & some.length - 1;
            OfRules<T> found = some[place];
            if (found == null || found.rules != rules) some[place] = found = new OfRules<>(rules, making.get());
            return found.made;
        }

        @SuppressWarnings("unchecked") // nothing else is ever in it
        static <T> OfRules<T>[] some(int number) {
            return (OfRules<T>[]) new OfRules<?>[number];
        }
    }

    private record EventSpec(String name, boolean hiddenId, Fact[] facts, Map<String, Integer> places, int[][] same) { }

    private record Derived(
            int fact, boolean needed, String measure, int event, int where, int anchor, int anchorWhere, int attribute, String span,
            long number, long least, Calendar calendar, int of, int since, int hours) {
        boolean ofMoment() {
            return measure.equals("time") || measure.equals("date") || measure.equals("weekday");
        }

        boolean ofCalendar() {
            return measure.equals("working day") || measure.equals("holiday");
        }

        /** Whether it goes with the day of the decision. */
        boolean ofDay() {
            return of >= 0 || ofCalendar() || measure.equals("date") || measure.equals("weekday");
        }
    }

    /** Which days are worked. {@code days} has the working days, in order. */
    private record Calendar(String name, long first, long last, long[] days) {
        boolean covers(long day) {
            return first <= day && day <= last;
        }

        long worked(long after, long until) {
            return Math.max(upTo(until) - upTo(after), 0);
        }

        /** The first of the last so many working days until a day; a day that is not covered if there are fewer. */
        long firstWorked(long number, long today) {
            long at = upTo(today) - number;
            return at < 0 ? first - 1 : days[(int) at];
        }

        private int upTo(long day) {
            int place = Arrays.binarySearch(days, day);
            return place < 0 ? -place - 1 : place + 1;
        }
    }

    /** The policy but for its conditions, from lines of words. */
    private static final class Data {
        static final Map<String, String> MESSAGES = new HashMap<>();
        static final Map<String, Integer> PLACES = new HashMap<>();
        static final Map<String, Integer> KINDS = new HashMap<>();
        static final Map<String, Integer> TEXTS = new HashMap<>();
        static final Set<Integer> FOLLOWS = new HashSet<>();
        static final Set<String> ZONES = new HashSet<>(ZoneId.getAvailableZoneIds());
        static final Fact ON = new Fact();
        static final Fact[] FACTS;
        static final int[] NEEDED;
        static final boolean HAS_TEXTS;
        static final String[][] RULES;
        static final int[] WRITTEN;
        static final long[] SINCE;
        static final long[] UNTIL;
        static final int[] TEMPORARY; // rules that are not in force on each day
        static final int[][] READ;
        static final Table[] TABLES;
        static final OfRules<Map<Action, Answer>>[] KNOWN = OfRules.some(1024);
        static final EventSpec[] EVENTS;
        static final Derived[] DERIVED;
        static final long[][] RANGES;
        static final boolean DATED;
        static final long FIRST;
        static final long LAST;

        private static Iterator<String> words;

        static {
            words = Arrays.asList(String.join("", Words.all()).split("\n", -1)).iterator();
            ZONES.addAll(List.of("EST", "MST", "HST"));
            ON.name = "on";
            ON.kind = "date";
            for (int i = count(); i > 0; i--) MESSAGES.put(word(), word());
            DATED = flag();
            FIRST = number(Long.MIN_VALUE);
            LAST = number(Long.MAX_VALUE);
            FACTS = facts();
            for (int i = 0; i < FACTS.length; i++) PLACES.put(FACTS[i].name, i);
            NEEDED = numbers();
            int texts = count();
            for (int i = 0; i < texts; i++) TEXTS.put(word(), i);
            HAS_TEXTS = flag();
            RULES = new String[count()][];
            for (int i = 0; i < RULES.length; i++) RULES[i] = new String[] {word(), word(), word()};
            int rules = count();
            WRITTEN = new int[rules];
            SINCE = new long[rules];
            UNTIL = new long[rules];
            READ = new int[rules][];
            for (int i = 0; i < rules; i++) {
                WRITTEN[i] = count();
                SINCE[i] = number(Long.MIN_VALUE);
                UNTIL[i] = number(Long.MAX_VALUE);
                READ[i] = numbers();
            }
            TEMPORARY = IntStream.range(0, rules).filter(rule -> SINCE[rule] != Long.MIN_VALUE || UNTIL[rule] != Long.MAX_VALUE).toArray();
            TABLES = new Table[count()];
            for (int i = 0; i < TABLES.length; i++) {
                String name = word();
                int[] onAction = numbers();
                TABLES[i] = new Table(name, onAction, numbers(), lists(), lists(), lists(), new long[1], OfRules.some(64));
                for (int rule : onAction) TABLES[i].reads[0] |= 1L << rule;
            }
            for (int i = 0; i < TABLES.length; i++) {
                for (Table table : TABLES) {
                    for (int[] companion : table.companions) for (int of : companion) table.reads[0] |= TABLES[of].reads[0];
                }
            }
            EVENTS = new EventSpec[count()];
            for (int i = 0; i < EVENTS.length; i++) {
                EVENTS[i] = new EventSpec(word(), flag(), facts(), new HashMap<>(), lists());
                KINDS.put(EVENTS[i].name, i);
                for (int place = 0; place < EVENTS[i].facts.length; place++) EVENTS[i].places.put(EVENTS[i].facts[place].name, place);
            }
            DERIVED = new Derived[count()];
            for (int i = 0; i < DERIVED.length; i++) {
                DERIVED[i] = new Derived(
                    count(), flag(), word(), count(), count(), count(), count(), count(), word(), number(0), number(0),
                    flag() ? calendar() : null, count(), count(), count());
                FOLLOWS.add(DERIVED[i].fact);
            }
            RANGES = new long[count()][];
            for (int i = 0; i < RANGES.length; i++) RANGES[i] = longs();
            words = null;
        }

        static boolean isInForce(int rule, long day) {
            return day == NO_DAY ? UNTIL[rule] == Long.MAX_VALUE : SINCE[rule] <= day && day <= UNTIL[rule];
        }

        /** Of at most 64 rules, those that are in force on a day. */
        static long inForce(long day) {
            long inForce = -1;
            for (int rule : TEMPORARY) if (!isInForce(rule, day)) inForce &= ~(1L << rule);
            return inForce;
        }

        private static Fact[] facts() {
            Fact[] facts = new Fact[count()];
            for (int i = 0; i < facts.length; i++) {
                Fact fact = facts[i] = new Fact();
                fact.name = word();
                fact.kind = word();
                fact.absent = word();
                fact.numerator = new BigDecimal(word());
                fact.denominator = new BigDecimal(word());
                fact.low = number(0);
                fact.high = number(0);
                fact.currency = word();
                fact.hidden = flag();
                fact.related = flag();
                fact.cuts = flag() ? longs() : null;
                fact.names = new ArrayList<>();
                fact.places = new HashMap<>();
                for (int names = count(); names > 0; names--) {
                    String name = word();
                    fact.places.put(name, fact.names.size());
                    fact.names.add(name);
                }
                fact.whole = fact.denominator.equals(BigDecimal.ONE);
                boolean ofTen = fact.numerator.equals(BigDecimal.ONE) && fact.denominator.toString().matches("10*");
                fact.decimals = ofTen ? fact.denominator.precision() - 1 : -1;
                fact.integral = !Set.of("yes/no", "choice", "text", "weekly hours", "order", "date", "time").contains(fact.kind)
                    && fact.whole && fact.numerator.equals(BigDecimal.ONE);
            }
            return facts;
        }

        private static Calendar calendar() {
            String name = word();
            long first = number(0);
            long last = number(0);
            Set<Long> weekend = new HashSet<>();
            for (long day : longs()) weekend.add(day);
            Set<Long> holidays = new HashSet<>();
            for (long day : longs()) holidays.add(day);
            Set<Long> working = new HashSet<>();
            for (long day : longs()) working.add(day);
            return new Calendar(name, first, last, LongStream.rangeClosed(first, last)
                .filter(day -> !holidays.contains(day) && (working.contains(day) || !weekend.contains((day - 1) % 7))).toArray());
        }

        /** The next word; null for none. */
        private static String word() {
            String word = words.next();
            if (word.equals("%")) return null;
            return word.indexOf('%') < 0 ? word : word.replace("%n", "\n").replace("%p", "%");
        }

        private static int count() {
            return Integer.parseInt(words.next());
        }

        private static boolean flag() {
            return words.next().equals("1");
        }

        private static long number(long otherwise) {
            String word = words.next();
            return word.equals("%") ? otherwise : Long.parseLong(word);
        }

        private static long[] longs() {
            String word = words.next();
            return word.isEmpty() ? new long[0] : Arrays.stream(word.split(",")).mapToLong(Long::parseLong).toArray();
        }

        private static int[] numbers() {
            return Arrays.stream(longs()).mapToInt(number -> (int) number).toArray();
        }

        private static int[][] lists() {
            int[][] lists = new int[count()][];
            for (int i = 0; i < lists.length; i++) lists[i] = numbers();
            return lists;
        }
    }

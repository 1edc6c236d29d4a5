import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToIntFunction;

/** The ten rules of `workload.py` by the class that is written of them, and by hand: nanoseconds a case, turn by turn. */
public final class Measure {
    enum Dispute { NO_DISPUTE, UNVERIFIED, VERIFIED }

    enum Risk { LOW, MEDIUM, HIGH }

    /** An account as a program has it. */
    record Account(
            long daysOverdue, long unreachable, BigDecimal overdueAmount, boolean ceaseRequested, Dispute dispute, Risk risk,
            boolean placed, long score) { }

    /** What the rules by hand say of an action. */
    record Said(Ten.Verdict verdict, List<String> rules) { }

    static final BigDecimal SOME = new BigDecimal(1000);
    static final BigDecimal MUCH = new BigDecimal(5000);
    static final Said UNSAID = new Said(Ten.Verdict.UNSAID, List.of());

    static Said allowed(String rule) {
        return new Said(Ten.Verdict.ALLOWED, List.of(rule));
    }

    static Said forbidden(String rule) {
        return new Said(Ten.Verdict.FORBIDDEN, List.of(rule));
    }

    static boolean mayCall(Account its) {
        return !its.ceaseRequested && its.daysOverdue > 13;
    }

    static Map<Ten.Action, Said> byHand(Account its) {
        Map<Ten.Action, Said> said = new EnumMap<>(Ten.Action.class);
        for (Ten.Action action : ACTIONS) said.put(action, UNSAID);
        if (its.daysOverdue >= 9 && its.daysOverdue <= 13) {
            said.put(Ten.Action.SMS, allowed("r1"));
            said.put(Ten.Action.AUTOMATED_VOICE, allowed("r1"));
        }
        if (its.daysOverdue > 13) said.put(Ten.Action.PHONE_CALL, allowed("r2"));
        if (its.daysOverdue > 60 && its.unreachable >= 3) said.put(Ten.Action.CONTACT_RELATED, allowed("r3"));
        if (its.daysOverdue > 30 && its.overdueAmount.compareTo(SOME) > 0) {
            said.put(Ten.Action.LETTER, allowed("r5"));
            said.put(Ten.Action.EMAIL, allowed("r5"));
        }
        if (its.daysOverdue > 90 && its.risk.compareTo(Risk.MEDIUM) >= 0 && !its.placed) said.put(Ten.Action.VISIT, allowed("r7"));
        if (its.daysOverdue > 120 && its.overdueAmount.compareTo(MUCH) > 0 && its.score < 40) {
            said.put(Ten.Action.LEGAL_ACTION, allowed("r8"));
            said.put(Ten.Action.CREDIT_REPORT, allowed("r8"));
        }
        if (its.daysOverdue > 180 && its.placed) said.put(Ten.Action.SELL_DEBT, allowed("r10"));
        if (its.dispute == Dispute.UNVERIFIED) said.put(Ten.Action.SELL_DEBT, forbidden("r4"));
        if (its.dispute != Dispute.NO_DISPUTE) said.put(Ten.Action.LEGAL_ACTION, forbidden("r9"));
        if (its.ceaseRequested) for (Ten.Action action : CEASED) said.put(action, forbidden("r6"));
        return said;
    }

    static final Ten.Action[] ACTIONS = Ten.Action.values();
    static final List<Ten.Action> CEASED = List.of(
        Ten.Action.SMS, Ten.Action.AUTOMATED_VOICE, Ten.Action.PHONE_CALL, Ten.Action.CONTACT_RELATED, Ten.Action.VISIT,
        Ten.Action.EMAIL, Ten.Action.PUSH);
    static final Ten.Dispute[] DISPUTES = Ten.Dispute.values();
    static final Ten.Risk[] RISKS = Ten.Risk.values();

    static Ten.Decision decided(Account its) {
        return Ten.decide(Ten.Case.builder()
            .daysOverdue(its.daysOverdue).unreachable(its.unreachable).overdueAmount(its.overdueAmount)
            .ceaseRequested(its.ceaseRequested).dispute(DISPUTES[its.dispute.ordinal()]).risk(RISKS[its.risk.ordinal()])
            .placed(its.placed).score(its.score).build());
    }

    static int number(Map<Ten.Action, Said> said) {
        int number = 0;
        for (Said its : said.values()) number += its.verdict.ordinal() + its.rules.size();
        return number;
    }

    static int answers(Account its) {
        int number = 0;
        for (Ten.Answer answer : decided(its).answers().values()) number += answer.verdict().ordinal() + answer.rules().size();
        return number;
    }

    static int verdicts(Account its) {
        int number = 0;
        Ten.Decision decision = decided(its);
        for (Ten.Action action : ACTIONS) number += decision.verdict(action).ordinal();
        return number;
    }

    static double time(ToIntFunction<Account> of, List<Account> accounts) {
        long start = System.nanoTime();
        int number = 0;
        for (Account account : accounts) number += of.applyAsInt(account);
        double time = (double) (System.nanoTime() - start) / accounts.size();
        return number == -1 ? 0 : time;
    }

    public static void main(String[] arguments) {
        Random random = new Random(3);
        List<Account> accounts = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            accounts.add(new Account(random.nextInt(240), random.nextInt(6), BigDecimal.valueOf(random.nextInt(1_000_000), 2),
                random.nextInt(10) == 0, Dispute.values()[random.nextInt(3)], Risk.values()[random.nextInt(3)],
                random.nextInt(10) < 3, random.nextInt(101)));
        }
        for (Account account : accounts.subList(0, 5_000)) {
            Map<Ten.Action, Said> said = byHand(account);
            Ten.Decision decision = decided(account);
            for (Ten.Action action : ACTIONS) {
                Ten.Answer answer = decision.of(action);
                List<String> rules = answer.rules().stream().map(Ten.Rule::toString).toList();
                if (said.get(action).verdict != answer.verdict() || !said.get(action).rules.equals(rules)) throw new AssertionError(account);
            }
            if (decision.permits(Ten.Action.PHONE_CALL) != mayCall(account)) throw new AssertionError(account);
        }
        List<ToIntFunction<Account>> contenders = List.of(
            its -> number(byHand(its)), Measure::answers, Measure::verdicts,
            its -> mayCall(its) ? 1 : 0, its -> decided(its).permits(Ten.Action.PHONE_CALL) ? 1 : 0);
        double[] best = new double[contenders.size()];
        Arrays.fill(best, Double.MAX_VALUE);
        for (int round = 0; round < 400; round++) {
            for (int i = 0; i < best.length; i++) best[i] = Math.min(best[i], time(contenders.get(i), accounts));
        }
        for (double time : best) System.out.println(time);
    }
}

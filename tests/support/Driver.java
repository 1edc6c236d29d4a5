import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/** Compiles classes of policies, and asks them about cases: a line of JSON for each question and each answer. */
public final class Driver {
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        for (String line = questions.readLine(); line != null; line = questions.readLine()) {
            Map<?, ?> question = (Map<?, ?>) new Json(line).value();
            Object answer = question.containsKey("compile")
                ? compiled(folder, (List<?>) question.get("compile"))
                : decided(folder, (String) question.get("name"), (List<?>) question.get("cases"));
            StringBuilder written = new StringBuilder();
            write(answer, written);
            answers.println(written);
        }
    }

    private static String compiled(Path folder, List<?> names) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        var files = compiler.getStandardFileManager(null, null, null);
        StringWriter said = new StringWriter();
        List<String> options = List.of("--release", "17", "-Xlint:all", "-d", folder.resolve("classes").toString());
        var sources = files.getJavaFileObjectsFromPaths(names.stream().map(name -> folder.resolve((String) name)).toList());
        boolean fine = compiler.getTask(said, files, null, options, null, sources).call();
        return fine ? said.toString() : "failed: " + said;
    }

    private static Object decided(Path folder, String name, List<?> cases) throws Exception {
        try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.resolve("classes").toUri().toURL()})) {
            Class<?> policy = loader.loadClass(name);
            Class<?> ofCase = Stream.of(policy.getClasses()).filter(one -> one.getSimpleName().equals("Case")).findFirst().get();
            Method read = ofCase.getMethod("of", Map.class);
            Method decide = policy.getMethod("decide", ofCase, String.class, String.class);
            List<Object> found = new ArrayList<>();
            for (Object one : cases) {
                List<?> asked = (List<?>) one;
                try {
                    Object given = read.invoke(null, asked.get(0));
                    Object decision = decide.invoke(null, given, asked.get(1), asked.get(2));
                    found.add(decision(decision));
                } catch (InvocationTargetException refused) {
                    Throwable cause = refused.getCause();
                    if (!cause.getClass().getSimpleName().equals("CaseException")) throw new Exception(String.valueOf(asked), cause);
                    List<Object> faults = new ArrayList<>();
                    for (Object fault : (List<?>) get(cause, "faults")) {
                        List<Object> told = new ArrayList<>();
                        for (String part : List.of("fact", "code", "message")) told.add(get(fault, part));
                        faults.add(told);
                    }
                    found.add(faults);
                }
            }
            return found;
        }
    }

    private static Map<String, Object> decision(Object decision) throws Exception {
        Map<String, Object> told = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : ((Map<?, ?>) get(decision, "answers")).entrySet()) {
            Object answer = entry.getValue();
            Map<String, Object> parts = new LinkedHashMap<>();
            parts.put("verdict", get(answer, "verdict"));
            Object alone = decision.getClass().getMethod("verdict", entry.getKey().getClass()).invoke(decision, entry.getKey());
            if (alone != parts.get("verdict")) throw new Exception("the verdict alone is another");
            for (String part : List.of("rules", "unknown")) {
                if (!((List<?>) get(answer, part)).isEmpty()) parts.put(part, get(answer, part));
            }
            if (!((Map<?, ?>) get(answer, "along")).isEmpty()) parts.put("along", get(answer, "along"));
            boolean unsaid = parts.size() == 1 && parts.get("verdict").toString().equals("unsaid");
            if (!unsaid) told.put(entry.getKey().toString(), parts);
        }
        return told;
    }

    private static Object get(Object of, String name) throws Exception {
        return of.getClass().getMethod(name).invoke(of);
    }

    private static void write(Object value, StringBuilder to) {
        if (value == null) to.append("null");
        else if (value instanceof Map<?, ?> map) {
            to.append('{');
            map.forEach((key, inner) -> {
                if (to.charAt(to.length() - 1) != '{') to.append(',');
                write(key.toString(), to);
                to.append(':');
                write(inner, to);
            });
            to.append('}');
        } else if (value instanceof List<?> list) {
            to.append('[');
            for (int i = 0; i < list.size(); i++) {
                if (i > 0) to.append(',');
                write(list.get(i), to);
            }
            to.append(']');
        } else {
            to.append('"');
            for (char one : value.toString().toCharArray()) to.append(String.format(one < ' ' || one > '~' || one == '"' || one == '\\' ? "\\u%04x" : "%2$c", (int) one, one));
            to.append('"');
        }
    }

    /** A reader of JSON, whose numbers keep their digits. */
    private static final class Json {
        private final String text;
        private int at;

        Json(String text) {
            this.text = text;
        }

        Object value() {
            char first = next();
            if (first == '{') {
                Map<String, Object> map = new LinkedHashMap<>();
                at++;
                while (next() != '}') {
                    if (text.charAt(at) == ',') at++;
                    String key = (String) value();
                    next();
                    at++;
                    map.put(key, value());
                }
                at++;
                return map;
            }
            if (first == '[') {
                List<Object> list = new ArrayList<>();
                at++;
                while (next() != ']') {
                    if (text.charAt(at) == ',') at++;
                    list.add(value());
                }
                at++;
                return list;
            }
            if (first == '"') return string();
            int start = at;
            while (at < text.length() && "+-.0123456789abcdefghijklmnopqrstuvwxyzE".indexOf(text.charAt(at)) >= 0) at++;
            String word = text.substring(start, at);
            if (word.equals("null")) return null;
            if (word.equals("true") || word.equals("false")) return word.equals("true");
            if (!word.matches("-?[0-9]+")) return new BigDecimal(word);
            BigInteger number = new BigInteger(word);
            return number.bitLength() < 64 ? (Object) number.longValue() : number;
        }

        /** The next character that is no blank. */
        private char next() {
            while (text.charAt(at) == ' ') at++;
            return text.charAt(at);
        }

        private String string() {
            StringBuilder read = new StringBuilder();
            for (at++; text.charAt(at) != '"'; at++) {
                if (text.charAt(at) != '\\') {
                    read.append(text.charAt(at));
                    continue;
                }
                char escaped = text.charAt(++at);
                if (escaped == 'u') {
                    read.append((char) Integer.parseInt(text.substring(at + 1, at + 5), 16));
                    at += 4;
                } else {
                    read.append(escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped == 'r' ? '\r' : escaped == 'b' ? '\b' : escaped == 'f' ? '\f' : escaped);
                }
            }
            at++;
            return read.toString();
        }
    }
}

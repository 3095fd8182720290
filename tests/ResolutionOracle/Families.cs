namespace Rqlite.Pg.ResolutionOracle;

/// <summary>Generates the expressions, from PostgreSQL's catalogs and from lists.</summary>
/// <param name="all">Many more of them, for a look beyond what is recorded for the tests.</param>
internal sealed partial class Families(Catalog catalog, Random random, bool all)
{

    public IReadOnlyList<(string Name, Func<IEnumerable<Question>> Questions)> All =>
    [
        ("operators", () => Operators()),
        ("functions", () => Functions()),
        ("casts", () => Casts()),
        ("assignments", () => Conversions(QuestionKind.Assign)),
        ("arguments", () => Conversions(QuestionKind.Pass)),
        ("common", () => Common()),
        ("literals", () => Literals()),
        ("types", () => Lines("type-names").Select(name => new Question($"NULL::{name}"))),
        ("sorting", () => s_types.Concat(s_otherTypes).Select(type => new Question($"NULL::{type}", " ORDER BY 1"))),
        ("collations", () => Collations()),
        ("calls", () => Lines("calls").Select(call => new Question(call))),
    ];

    private static string Value(string type) => type switch
    {
        "unknown" => "NULL",
        "bit" => "NULL::\"bit\"",
        _ => $"NULL::{type}",
    };

    private string Any() => s_types[random.Next(s_types.Length)];

    private T Pick<T>(params T[] items) => items[random.Next(items.Length)];

    /// <summary>A type for one that a function or operator declares.</summary>
    private string Concrete(string declared) => declared switch
    {
        "anyelement" or "anycompatible" or "\"any\"" => Pick(s_common),
        "anynonarray" or "anycompatiblenonarray" => Pick("int4", "text", "numeric", "posint"),
        "anyarray" or "anycompatiblearray" => Pick("int4[]", "text[]", "numeric[]", "intarr", "mood[]", "varchar[]"),
        "anyenum" => Pick("mood", "mood", "moody"),
        "anyrange" or "anycompatiblerange" => Pick("int4range", "numrange", "daterange"),
        "anymultirange" or "anycompatiblemultirange" => Pick("int4multirange", "nummultirange"),
        "character" => "bpchar",
        "bit" => "\"bit\"",
        _ => declared,
    };

    private IEnumerable<Question> Operators()
    {
        var names = catalog.Operators.Where(o => o.Left.Length > 0).Select(o => o.Name).Distinct().ToArray();
        foreach (var o in catalog.Operators)
        {
            var (left, right) = (Concrete(o.Left), Concrete(o.Right));
            if (o.Left.Length == 0)
            {
                yield return new Question($"{o.Name} {Value(right)}");
                yield return new Question($"{o.Name} {Value(Any())}");
                continue;
            }

            yield return Binary(o.Name, left, right);
            yield return random.Next(2) == 0 ? Binary(o.Name, left, "unknown") : Binary(o.Name, "unknown", right);
            yield return random.Next(2) == 0 ? Binary(o.Name, left, Any()) : Binary(o.Name, Any(), right);
        }

        foreach (var name in names)
        {
            for (var i = 0; i < (all ? 400 : 8); i++)
            {
                yield return i % 2 == 0 ? Binary(name, Any(), Any()) : Binary(name, Pick(s_common), Pick(s_common));
            }
        }

        foreach (var name in new[] { "=", "<", "+", "-", "*", "/", "||", "~~", "@>", "&&", "->" })
        {
            foreach (var left in all ? s_types : s_common)
            {
                foreach (var right in all ? s_types : s_common)
                {
                    if (all || random.Next(4) == 0)
                    {
                        yield return Binary(name, left, right);
                    }
                }
            }
        }

        foreach (var type in s_types)
        {
            var plain = !type.EndsWith(']') && !type.StartsWith('"') && !type.Contains('(', StringComparison.Ordinal);
            var array = type.EndsWith(']') ? type : plain ? type + "[]" : "text[]";
            var other = Pick("int4[]", "text[]", "intarr", "mood[]", "numeric[]", "varchar[]", type);
            yield return new Question($"{Value(type)} = ANY (NULL::{other})");
            yield return new Question($"{Value(type)} {Pick("<", "<>", "~~", "@>")} ALL ({Value(array)})");
            yield return new Question($"NULL = ANY ({Value(type)})");
            yield return new Question($"{Value(type)} = ANY ('{{}}')");
            yield return new Question($"{Value(type)} IS DISTINCT FROM NULL");
        }
    }

    private static Question Binary(string name, string left, string right) => new($"{Value(left)} {name} {Value(right)}");

    private IEnumerable<Question> Functions()
    {
        foreach (var f in catalog.Functions)
        {
            if (!all && random.Next(3) != 0)
            {
                continue;
            }

            var exact = f.Arguments.Select(Concrete).ToArray();
            yield return Call(f, exact);
            if (exact.Length == 0)
            {
                continue;
            }

            for (var i = 0; i < (all ? 3 : 1); i++)
            {
                var changed = exact.ToArray();
                changed[random.Next(changed.Length)] = random.Next(3) == 0 ? Any() : Pick(s_common);
                yield return Call(f, changed);
            }

            yield return Call(f, [.. exact.Select(type => random.Next(2) == 0 ? "unknown" : type)]);
            if (f.Defaults > 0)
            {
                yield return Call(f, exact[..^1]);
            }

            if (f.Variadic)
            {
                yield return Call(f, [.. exact[..^1], Pick(s_common), Pick(s_common)]);
                var marked = exact[..^1].Select(Value).Append("VARIADIC " + Value(exact[^1]));
                yield return new Question($"{f.Name}({string.Join(", ", marked)})");
            }

            if (f.InputNames.Length == exact.Length && f.InputNames.All(name => name.Length > 0))
            {
                var named = exact.Select((type, i) => $"\"{f.InputNames[i]}\" => {Value(type)}").ToArray();
                yield return new Question($"{f.Name}({string.Join(", ", named.Reverse())})");
                yield return new Question($"{f.Name}({string.Join(", ", named.Skip(1).Prepend(Value(exact[0])))})");
                yield return new Question($"{f.Name}({string.Join(", ", named.Take(named.Length - 1))})");
            }
        }

        foreach (var name in s_castNames)
        {
            foreach (var type in s_types.Append("unknown"))
            {
                if (all || random.Next(4) == 0)
                {
                    yield return new Question($"{name}({Value(type)})");
                }
            }
        }
    }

    private static Question Call(CatalogFunction f, string[] types) =>
        new($"\"{f.Name}\"({string.Join(", ", types.Select(Value))}){(f.Kind == 'w' ? " OVER ()" : "")}");

    private IEnumerable<Question> Casts()
    {
        foreach (var source in s_types.Append("unknown"))
        {
            foreach (var target in s_types)
            {
                if (all || random.Next(3) == 0)
                {
                    yield return new Question($"CAST({Value(source)} AS {target})");
                }
            }
        }
    }

    private IEnumerable<Question> Conversions(QuestionKind kind)
    {
        foreach (var source in s_types.Append("unknown"))
        {
            foreach (var target in s_types)
            {
                // Neither a column nor an argument can be a record.
                if (target != "record" && (all || random.Next(6) == 0))
                {
                    yield return new Question(Value(source), "", kind, target);
                }
            }
        }
    }

    private IEnumerable<Question> Common()
    {
        for (var i = 0; i < (all ? 12_000 : 900); i++)
        {
            var (a, b, c) = (Any(), random.Next(3) == 0 ? Any() : Pick(s_common), Pick(s_common));
            a = random.Next(3) != 0 ? Pick(s_common) : a;
            yield return new Question(random.Next(6) switch
            {
                0 => $"CASE WHEN true THEN {Value(a)} ELSE {Value(b)} END",
                1 => $"COALESCE({Value(a)}, {Value(b)}, {Value(c)})",
                2 => $"GREATEST({Value(a)}, {Value(b)})",
                3 => $"ARRAY[{Value(a)}, {Value(b)}, {Value(c)}]",
                4 => $"NULLIF({Value(a)}, {Value(b)})",
                _ => $"CASE {Value(a)} WHEN {Value(b)} THEN {Value(a)} WHEN {Value(a)} THEN {Value(c)} END",
            });
        }
    }

    private IEnumerable<Question> Literals()
    {
        foreach (var (types, texts) in s_literals)
        {
            foreach (var type in types)
            {
                foreach (var text in texts)
                {
                    yield return new Question(random.Next(2) == 0 ? $"'{text}'::{type}" : $"CAST('{text}' AS {type})");
                }
            }
        }

        foreach (var text in s_numbers)
        {
            yield return new Question(text);
            var type = Pick("int4", "int8", "numeric(4,1)", "float8", "text", "posint", "int2", "num52", "short", "oid", "bool");
            yield return new Question($"({text})::{type}");
        }
    }

    private IEnumerable<Question> Collations()
    {
        string[] parts =
        [
            "t", "c", "p", "u", "v", "d", "i", "'x'", "t COLLATE \"C\"", "c COLLATE \"POSIX\"", "v COLLATE \"default\"", "NULL", "c || 'y'",
            "t || p",
        ];
        foreach (var a in parts)
        {
            foreach (var b in parts)
            {
                var form = Pick(
                    "{0} || {1}", "COALESCE({0}, {1})", "CASE WHEN i = 1 THEN {0} ELSE {1} END", "ARRAY[{0}, {1}]",
                    "({0})::varchar(3) || {1}", "concat({0}, {1})", "left({0}, 3) || {1}", "NULLIF({0}, {1})", "ARRAY[{0}, {1}]::varchar[]",
                    "({0})::ctext || {1}");
                yield return new Question(
                    form.Replace("{0}", a, StringComparison.Ordinal).Replace("{1}", b, StringComparison.Ordinal), " FROM cols");
            }
        }

        foreach (var expression in Lines("collations"))
        {
            yield return new Question(expression, " FROM cols");
        }
    }
}

using System.Globalization;

namespace Rqlite.Pg.Dialect.Syntax;

public sealed partial class Writer
{
    private void WriteType(TypeName type)
    {
        AddIf(type.SetOf, "SETOF");
        if (!WriteSystemType(type))
        {
            WriteName(type.Names);
            if (type.Modifiers.Count > 0)
            {
                Attach("(");
                WriteExpressions(type.Modifiers);
                Close();
            }
        }

        if (type.PercentType)
        {
            Attach("%TYPE");
        }

        foreach (var bound in type.ArrayBounds)
        {
            Attach(bound < 0 ? "[]" : "[" + bound.ToString(CultureInfo.InvariantCulture) + "]");
        }
    }

    /// <summary>SQL's words for a type of pg_catalog; false if it has none that mean the same.</summary>
    private bool WriteSystemType(TypeName type)
    {
        if (type.Names is not ["pg_catalog", var name] || type.PercentType)
        {
            return false;
        }

        if (name == "interval")
        {
            return WriteInterval(type.Modifiers);
        }

        int? length = type.Modifiers is [Constant { Kind: ConstantKind.Integer } constant] && int.TryParse(constant.Text, out var value) && value >= 0
            ? value : null;
        var word = (name, type.Modifiers.Count) switch
        {
            ("int2", 0) => "smallint",
            ("int4", 0) => "integer",
            ("int8", 0) => "bigint",
            ("float4", 0) => "real",
            ("float8", 0) => "double precision",
            ("bool", 0) => "boolean",
            ("numeric", _) => "numeric",
            ("varbit", _) => "bit varying",
            ("bit", > 0) => "bit",
            ("varchar", 0) => "character varying",
            ("varchar", 1) when length is not null => "character varying",
            ("bpchar", 1) when length is not null => "character",
            ("time" or "timestamp", 0) => name,
            ("time" or "timestamp", 1) when length is not null => name,
            ("timetz" or "timestamptz", 0) => name[..^2],
            ("timetz" or "timestamptz", 1) when length is not null => name[..^2],
            _ => null,
        };
        if (word is null)
        {
            return false;
        }

        Add(word);
        if (type.Modifiers.Count > 0)
        {
            Attach("(");
            WriteExpressions(type.Modifiers);
            Close();
        }

        AddIf(name is "timetz" or "timestamptz", "with time zone");
        return true;
    }

    private bool WriteInterval(NodeList<Expression> modifiers)
    {
        if (modifiers.Count == 0)
        {
            Add("interval");
            return true;
        }

        var numbers = new int[modifiers.Count];
        for (var i = 0; i < numbers.Length; i++)
        {
            if (modifiers[i] is not Constant { Kind: ConstantKind.Integer } number || !int.TryParse(number.Text, out numbers[i]))
            {
                return false;
            }
        }

        var precision = numbers.Length == 2 && numbers[1] >= 0 ? $"({numbers[1].ToString(CultureInfo.InvariantCulture)})" : "";
        if (numbers.Length > 2 || (numbers.Length == 2 && precision.Length == 0))
        {
            return false;
        }

        if (numbers[0] == IntervalFields.All && precision.Length > 0)
        {
            Add("interval" + precision);
            return true;
        }

        if (IntervalFields.Words(numbers[0]) is not { } words || (precision.Length > 0 && !words.EndsWith("SECOND", StringComparison.Ordinal)))
        {
            return false;
        }

        Add("interval " + words.ToLowerInvariant() + precision);
        return true;
    }
}

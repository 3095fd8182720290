using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>The options of a sequence as the arguments of Storage's function: names and values in turn.</summary>
internal static class SequenceOptions
{
    /// <summary>The options of an identity column.</summary>
    /// <param name="type">The type of the column that the sequence is for; null where it stays.</param>
    public static List<string> Read(Definition definition, NodeList<SequenceOption> options, string? type)
    {
        List<string> arguments = type is null ? [] : ["'type'", $"'{type}'"];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var option in options)
        {
            Add(definition, option, arguments, seen);
        }

        return arguments;
    }

    /// <summary>The options of CREATE and ALTER SEQUENCE.</summary>
    /// <param name="ownedBy">The option OWNED BY; null without one.</param>
    public static List<string> ReadAll(Definition definition, NodeList<SequenceOption> options, out SequenceOption? ownedBy)
    {
        ownedBy = null;
        var arguments = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var option in options)
        {
            if (option.Kind is SequenceOptionKind.As or SequenceOptionKind.OwnedBy)
            {
                if (!seen.Add(option.Kind.ToString()))
                {
                    throw Redundant(definition, option);
                }

                ownedBy = option.Kind == SequenceOptionKind.OwnedBy ? option : ownedBy;
                if (option.Type is { } type && option.Kind == SequenceOptionKind.As)
                {
                    arguments.AddRange(["'type'", $"'{TypeOf(definition, type)}'"]);
                }
            }
            else if (option.Kind == SequenceOptionKind.SequenceName)
            {
                throw definition.Error(SqlState.SyntaxError, "invalid sequence option SEQUENCE NAME", option.Location);
            }
            else
            {
                Add(definition, option, arguments, seen);
            }
        }

        return arguments;
    }

    private static string TypeOf(Definition definition, TypeName type) => definition.Resolver.Type(type).Oid switch
    {
        PgTypes.Int2 => "smallint",
        PgTypes.Int4 => "integer",
        PgTypes.Int8 => "bigint",
        _ => throw definition.Error(SqlState.InvalidParameterValue, "sequence type must be smallint, integer, or bigint"),
    };

    private static void Add(Definition definition, SequenceOption option, List<string> arguments, HashSet<string> seen)
    {
        var (name, value) = Read(definition, option);
        if (!seen.Add(name))
        {
            throw Redundant(definition, option);
        }

        if (value is not null)
        {
            arguments.Add($"'{name}'");
            arguments.Add(value);
        }
    }

    private static DialectException Redundant(Definition definition, SequenceOption option) =>
        definition.Error(SqlState.SyntaxError, "conflicting or redundant options", option.Location);

    private static (string Name, string? Value) Read(Definition definition, SequenceOption option) => option.Kind switch
    {
        SequenceOptionKind.Cache => ("cache", Number(definition, option)),
        SequenceOptionKind.Cycle => ("cycle", "1"),
        SequenceOptionKind.NoCycle => ("cycle", "0"),
        SequenceOptionKind.Increment => ("increment", Number(definition, option)),
        SequenceOptionKind.MaxValue => ("maxvalue", Number(definition, option)),
        SequenceOptionKind.MinValue => ("minvalue", Number(definition, option)),
        SequenceOptionKind.NoMaxValue => ("maxvalue", "NULL"),
        SequenceOptionKind.NoMinValue => ("minvalue", "NULL"),
        SequenceOptionKind.Start => ("start", Number(definition, option)),
        SequenceOptionKind.Restart => ("restart", option.Value is null ? "NULL" : Number(definition, option)),
        SequenceOptionKind.SequenceName => ("name", null),
        SequenceOptionKind.As => throw definition.Error(SqlState.SyntaxError, "identity column type must be smallint, integer, or bigint", option.Location),
        _ => throw definition.Error(SqlState.SyntaxError, "invalid sequence option for an identity column", option.Location),
    };

    private static string Number(Definition definition, SequenceOption option) =>
        long.TryParse(option.Value, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out _)
            ? option.Value!
            : throw definition.Error(
                SqlState.InvalidTextRepresentation, $"value \"{option.Value}\" is out of range for type bigint", option.Location);
}

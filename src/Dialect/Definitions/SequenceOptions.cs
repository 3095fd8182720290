using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>The options of a sequence as the arguments of Storage's function: names and values in turn.</summary>
internal static class SequenceOptions
{
    /// <param name="type">The type of the column that the sequence is for.</param>
    public static List<string> Read(Definition definition, NodeList<SequenceOption> options, string type)
    {
        var arguments = new List<string> { "'type'", $"'{type}'" };
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var option in options)
        {
            var (name, value) = Read(definition, option);
            if (!seen.Add(name))
            {
                throw definition.Error(SqlState.SyntaxError, "conflicting or redundant options", option.Location);
            }

            if (value is not null)
            {
                arguments.Add($"'{name}'");
                arguments.Add(value);
            }
        }

        return arguments;
    }

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

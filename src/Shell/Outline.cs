using System.Text.Json;

namespace Rqlite.Pg.Shell;

/// <summary>Prints a JSON document as an outline: a line a value, what lies within further in.</summary>
internal static class Outline
{
    public static void Write(TextWriter output, JsonElement value, int depth = 0)
    {
        var members = value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray().Select(static (item, i) => (Name: $"{i}", Value: item))
            : value.EnumerateObject().Select(static member => (member.Name, member.Value));
        foreach (var (name, member) in members)
        {
            var indent = new string(' ', depth * 2);
            if (member.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
            {
                output.WriteLine($"{indent}{name}:");
                Write(output, member, depth + 1);
            }
            else
            {
                output.WriteLine($"{indent}{name}: {(member.ValueKind == JsonValueKind.String ? member.GetString() : member.GetRawText())}");
            }
        }
    }
}

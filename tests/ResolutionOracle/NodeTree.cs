using System.Text;

namespace Rqlite.Pg.ResolutionOracle;

/// <summary>
/// A node as PostgreSQL writes it (nodeToString): <c>{NAME :field value …}</c>. Lists are <c>(…)</c>, nothing is <c>&lt;&gt;</c>.
/// </summary>
internal sealed class NodeTree(string name)
{
    private readonly Dictionary<string, List<object>> _fields = [];

    public string Name { get; } = name;

    public static List<object> Parse(string text)
    {
        var at = 0;
        return ReadList(text, ref at, '\0');
    }

    public string Text(string field) => _fields[field] is [string text, ..] ? text : "";

    public IReadOnlyList<string> Texts(string field) => [.. _fields[field].OfType<string>()];

    public uint Oid(string field) => uint.Parse(Text(field), System.Globalization.CultureInfo.InvariantCulture);

    public NodeTree? Node(string field) => _fields[field] is [NodeTree node, ..] ? node : null;

    public IReadOnlyList<NodeTree> Nodes(string field) => _fields[field] is [List<object> list, ..] ? [.. list.OfType<NodeTree>()] : [];

    private static List<object> ReadList(string text, ref int at, char end)
    {
        var items = new List<object>();
        while (true)
        {
            while (at < text.Length && char.IsWhiteSpace(text[at]))
            {
                at++;
            }

            if (at == text.Length || text[at] == end)
            {
                at++;
                return items;
            }

            items.Add(ReadItem(text, ref at));
        }
    }

    private static object ReadItem(string text, ref int at)
    {
        if (text[at] == '(')
        {
            at++;
            return ReadList(text, ref at, ')');
        }

        if (text[at] != '{')
        {
            return ReadWord(text, ref at);
        }

        at++;
        var items = ReadList(text, ref at, '}');
        var node = new NodeTree((string)items[0]);
        List<object>? field = null;
        foreach (var item in items.Skip(1))
        {
            if (item is string { Length: > 1 } word && word[0] == ':')
            {
                node._fields[word[1..]] = field = [];
            }
            else
            {
                field!.Add(item);
            }
        }

        return node;
    }

    private static string ReadWord(string text, ref int at)
    {
        var word = new StringBuilder();
        while (at < text.Length && !char.IsWhiteSpace(text[at]) && text[at] is not ('(' or ')' or '{' or '}'))
        {
            at += text[at] == '\\' ? 1 : 0;
            word.Append(text[at++]);
        }

        return word.ToString();
    }
}

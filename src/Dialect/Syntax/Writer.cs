using System.Text;

namespace Rqlite.Pg.Dialect.Syntax;

/// <summary>Writes a tree as PostgreSQL's SQL, so that reading the text again gives an equal tree.</summary>
public sealed partial class Writer
{
    private readonly StringBuilder _text = new();

    private Writer()
    {
    }

    public static string Write(Node node)
    {
        ArgumentNullException.ThrowIfNull(node);
        var writer = new Writer();
        switch (node)
        {
            case Statement statement:
                writer.WriteStatement(statement);
                break;
            case Expression expression:
                writer.WriteExpression(expression);
                break;
            case TypeName type:
                writer.WriteType(type);
                break;
            case TableExpression table:
                writer.WriteTable(table);
                break;
            case QualifiedName name:
                writer.WriteName(name.Parts);
                break;
            case Target target:
                writer.WriteTarget(target);
                break;
            case SortItem item:
                writer.WriteSortItem(item);
                break;
            default:
                throw new ArgumentException($"{node.GetType().Name} stands only within other nodes", nameof(node));
        }

        return writer._text.ToString();
    }

    /// <summary>A name as it has to be written: in quotes unless it is a plain word that means nothing else anywhere.</summary>
    public static string Quote(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return IsPlain(name) ? name : $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    public static string Literal(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";
    }

    private static bool IsPlain(string name)
    {
        if (name.Length == 0 || !(char.IsAsciiLetterLower(name[0]) || name[0] == '_'))
        {
            return false;
        }

        foreach (var character in name)
        {
            if (!char.IsAsciiLetterLower(character) && !char.IsAsciiDigit(character) && character is not ('_' or '$'))
            {
                return false;
            }
        }

        var keyword = Keywords.Find(name);
        return keyword == Keyword.NoKeyword || Keywords.IsSqliteOnly(keyword)
            || (Keywords.ClassOf(keyword) == KeywordClass.Unreserved && !HasMeaningAsName(keyword));
    }

    /// <summary>Words that may be names, but not in each place where a name stands.</summary>
    private static bool HasMeaningAsName(Keyword keyword) => keyword is Keyword.Cube or Keyword.Rollup or Keyword.Partition or Keyword.Range
        or Keyword.Rows
        or Keyword.Groups or Keyword.Unbounded or Keyword.Current or Keyword.Nulls or Keyword.Set or Keyword.Transaction or Keyword.Prepare
        or Keyword.Operator or Keyword.Double or Keyword.Savepoint or Keyword.Enum or Keyword.Statistics or Keyword.Generated or Keyword.Parameter
        or Keyword.Function or Keyword.Procedure or Keyword.Routine or Keyword.Sequence or Keyword.Schema or Keyword.Type or Keyword.If
        or Keyword.Exclude or Keyword.Options or Keyword.Value or Keyword.Attribute;

    /// <summary>A word or symbol with a blank before it where one is needed.</summary>
    private void Add(string text)
    {
        if (_text.Length > 0 && _text[^1] is not ('(' or '[' or ' ' or '.' or ':'))
        {
            _text.Append(' ');
        }

        _text.Append(text);
    }

    /// <summary>A symbol that follows what stands before it at once.</summary>
    private void Attach(string text) => _text.Append(text);

    private void AddIf(bool condition, string text)
    {
        if (condition)
        {
            Add(text);
        }
    }

    private void Open() => Add("(");

    private void Close() => Attach(")");

    private void AddName(string name) => Add(Quote(name));

    private void AddLiteral(string value) => Add(Literal(value));

    private void WriteName(NodeList<string> parts)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            if (i > 0)
            {
                Attach(".");
            }

            AddName(parts[i]);
        }
    }

    private void WriteList<T>(NodeList<T> items, Action<T> write)
    {
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
            {
                Attach(",");
            }

            write(items[i]);
        }
    }

    private void WriteParenthesized<T>(NodeList<T> items, Action<T> write)
    {
        Open();
        WriteList(items, write);
        Close();
    }

    private void WriteNames(NodeList<string> names) => WriteList(names, AddName);

    private void WriteColumns(NodeList<string> names)
    {
        if (names.Count > 0)
        {
            WriteParenthesized(names, AddName);
        }
    }

    private void WriteOperator(NodeList<string> name)
    {
        if (name.Count == 1)
        {
            Add(name[0]);
            return;
        }

        Add("OPERATOR(");
        WriteAnyOperator(name);
        Close();
    }

    private void WriteAnyOperator(NodeList<string> name)
    {
        for (var i = 0; i < name.Count - 1; i++)
        {
            AddName(name[i]);
            Attach(".");
        }

        Add(name[^1]);
    }

    private void WriteBehavior(DropBehavior behavior)
    {
        AddIf(behavior == DropBehavior.Cascade, "CASCADE");
        AddIf(behavior == DropBehavior.Restrict, "RESTRICT");
    }

    private void WriteRole(RoleName role)
    {
        switch (role.Kind)
        {
            case RoleKind.Name:
                AddName(role.Name!);
                break;
            case RoleKind.Public:
                Add("PUBLIC");
                break;
            case RoleKind.CurrentRole:
                Add("CURRENT_ROLE");
                break;
            case RoleKind.CurrentUser:
                Add("CURRENT_USER");
                break;
            default:
                Add("SESSION_USER");
                break;
        }
    }
}

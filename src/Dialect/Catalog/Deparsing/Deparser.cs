using System.Text;
using Rqlite.Pg.Dialect.Binding;

namespace Rqlite.Pg.Dialect.Catalog.Deparsing;

/// <summary>
/// Prints bound trees as PostgreSQL 15 prints its own (pg_get_expr, pg_get_viewdef): every operator in parentheses unless the pretty form is wanted, every cast
/// written, names qualified where the search path does not lead to them. Queries have its line breaks.
/// </summary>
internal sealed partial class Deparser
{
    private const int IndentStandard = 8;
    private const int IndentJoin = 4;
    private const int IndentVariable = 4;
    private const int IndentLimit = 40;

    private readonly ISchema _schema;
    private readonly SchemaNames _names;

    /// <summary>The queries around the current place, the innermost last.</summary>
    private readonly List<QueryNames> _queries = [];
    private readonly SchemaNames? _reader;
    private readonly ISchema? _bound;
    private readonly bool _indents;
    private readonly bool _pretty;
    private StringBuilder _text = new();
    private int _level;

    private Deparser(
        ISchema schema, SchemaNames? reader, bool indents, bool pretty = false, SchemaNames? names = null, ISchema? bound = null)
    {
        _schema = schema;
        _bound = bound;
        _reader = reader;
        _names = names ?? new SchemaNames(schema, SchemaNames.DefaultPath, "");
        _indents = indents;
        _pretty = pretty;
    }

    /// <summary>An expression over the columns of one table, whose name they do without.</summary>
    /// <param name="relation">The table, which is relation 1; null for an expression without columns.</param>
    /// <param name="reader">The names as the session sees them, for literals that name objects; null for the default search path.</param>
    /// <param name="bound">The schema in which it was bound, if that is another one; objects are known by their OIDs.</param>
    public static string Expression(
        BoundExpression value, ISchema schema, Relation? relation, SchemaNames? reader = null, ISchema? bound = null)
    {
        var deparser = new Deparser(schema, reader, indents: false, bound: bound);
        deparser._queries.Add(QueryNames.Of(relation));
        deparser.Write(value, showImplicit: false);
        return deparser._text.ToString();
    }

    /// <summary>The query of a view with a semicolon.</summary>
    /// <param name="columns">The names of the view's columns.</param>
    /// <param name="bound">The schema in which it was bound, if that is another one; objects are known by their OIDs.</param>
    public static string View(
        BoundQuery query, ISchema schema, IReadOnlyList<string> columns, SchemaNames? reader = null, ISchema? bound = null)
    {
        var deparser = new Deparser(schema, reader, indents: true, bound: bound);
        deparser.WriteQuery(query, columns, namesVisible: true);
        return deparser._text.Append(';').ToString();
    }

    /// <summary>An expression as a session sees it.</summary>
    /// <param name="pretty">Without the parentheses that are not needed.</param>
    /// <param name="names">Which names the session's search path leads to.</param>
    public static string Expression(BoundExpression value, ISchema schema, Relation? relation, bool pretty, SchemaNames names)
    {
        var deparser = new Deparser(schema, null, indents: true, pretty, names);
        deparser._queries.Add(QueryNames.Of(relation));
        deparser.Write(value, showImplicit: false);
        return deparser._text.ToString();
    }

    /// <summary>The query of a view as a session sees it.</summary>
    public static string View(BoundQuery query, ISchema schema, IReadOnlyList<string> columns, bool pretty, SchemaNames names)
    {
        var deparser = new Deparser(schema, null, indents: true, pretty, names);
        deparser.WriteQuery(query, columns, namesVisible: true);
        return deparser._text.Append(';').ToString();
    }

    private void Add(string text) => _text.Append(text);

    private void Add(char character) => _text.Append(character);

    /// <summary>Writes a word that begins a line of its own where lines are broken.</summary>
    /// <param name="before">The change of the indentation before the word.</param>
    /// <param name="plus">Further blanks before the word.</param>
    private void Line(string word, int before, int after, int plus)
    {
        if (!_indents)
        {
            Add(word);
            return;
        }

        _level += before;
        TrimEnd();
        var indentation = Math.Max(_level, 0);
        if (indentation >= IndentLimit)
        {
            // Deeper levels are indented less, so that long queries stay readable.
            indentation = IndentLimit + ((indentation - IndentLimit) / (IndentStandard / 2));
            indentation %= IndentLimit;
        }

        _text.Append('\n').Append(' ', indentation + plus).Append(word);
        _level = Math.Max(_level + after, 0);
    }

    private void TrimEnd()
    {
        while (_text.Length > 0 && _text[^1] == ' ')
        {
            _text.Length--;
        }
    }

    /// <summary>Writes an item of a list that has lines of its own: on a new line unless it is the first.</summary>
    private void Item(bool first, Action write)
    {
        var outer = _text;
        _text = new StringBuilder();
        write();
        var item = _text;
        _text = outer;
        if (_indents)
        {
            if (item.Length > 0 && item[0] == '\n')
            {
                TrimEnd();
            }
            else if (!first)
            {
                Line("", -IndentStandard, IndentStandard, IndentVariable);
            }
        }

        _text.Append(item);
    }

    private void WriteList(IEnumerable<BoundExpression> values, string separator = ", ", bool showImplicit = true)
    {
        var first = true;
        foreach (var value in values)
        {
            if (!first)
            {
                Add(separator);
            }

            first = false;
            Write(value, showImplicit);
        }
    }
}

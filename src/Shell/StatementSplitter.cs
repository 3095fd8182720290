using System.Text;

namespace Rqlite.Pg.Shell;

/// <summary>
/// Gathers lines until a statement is complete: up to a semicolon outside of quotes, comments and the body of a trigger, as SQLite's own shell does.
/// </summary>
internal sealed class StatementSplitter
{
    /// <summary>In UTF-16 units; servers take no statement of this length.</summary>
    public const int LengthMax = 256 << 20;

    private enum Mode
    {
        Plain,
        Quoted,
        LineComment,
        BlockComment,
    }

    private readonly StringBuilder _text = new();
    private readonly StringBuilder _word = new();
    private readonly List<string> _firstWords = [];
    private Mode _mode;
    private char _quote;
    private bool _hasContent;

    // In the body of a trigger only END behind a semicolon ends it.
    private bool _behindSemicolon;
    private bool _behindEnd;

    /// <summary>Something stands before the statement's end.</summary>
    public bool Pending => _hasContent;

    private bool InTrigger
    {
        get
        {
            var words = _firstWords.SkipWhile(static w => w is "EXPLAIN" or "QUERY" or "PLAN").Where(static w => w is not ("TEMP" or "TEMPORARY"));
            return words.Take(2).SequenceEqual(["CREATE", "TRIGGER"]);
        }
    }

    /// <summary>Takes a line without its end.</summary>
    /// <returns>The statements that it completes, without their semicolons.</returns>
    /// <exception cref="ShellException">The statement is too long.</exception>
    public IReadOnlyList<string> Add(string line)
    {
        List<string> complete = [];
        for (var i = 0; i < line.Length; i++)
        {
            Take(line, ref i, complete);
        }

        EndWord();
        if (_mode == Mode.LineComment)
        {
            _mode = Mode.Plain;
        }

        if (_text.Length > 0)
        {
            _text.Append('\n');
        }

        return _text.Length <= LengthMax ? complete : throw new ShellException("a statement is too long; is a quote not closed?");
    }

    /// <summary>Takes what is there as a statement, complete or not; null if there is none.</summary>
    public string? TakeRest()
    {
        var rest = _hasContent ? _text.ToString().TrimEnd() : null;
        Clear();
        return rest;
    }

    public void Clear()
    {
        _text.Clear();
        _word.Clear();
        _firstWords.Clear();
        (_mode, _hasContent, _behindSemicolon, _behindEnd) = (Mode.Plain, false, false, false);
    }

    private void Take(string line, ref int i, List<string> complete)
    {
        var c = line[i];
        var next = i + 1 < line.Length ? line[i + 1] : '\0';
        switch (_mode)
        {
            case Mode.Quoted:
                _text.Append(c);
                if (c == _quote)
                {
                    _mode = Mode.Plain;
                }

                break;
            case Mode.LineComment:
                _text.Append(c);
                break;
            case Mode.BlockComment:
                _text.Append(c);
                if ((c, next) == ('*', '/'))
                {
                    _text.Append('/');
                    i++;
                    _mode = Mode.Plain;
                }

                break;
            case Mode.Plain when (c, next) == ('-', '-') || (c, next) == ('/', '*'):
                EndWord();
                _text.Append(c).Append(next);
                i++;
                _mode = c == '-' ? Mode.LineComment : Mode.BlockComment;
                break;
            case Mode.Plain when c == ';':
                EndWord();
                if (InTrigger && !_behindEnd)
                {
                    _text.Append(c);
                    _behindSemicolon = true;
                    break;
                }

                if (TakeRest() is { } statement)
                {
                    complete.Add(statement);
                }

                break;
            default:
                TakePlain(c);
                break;
        }
    }

    private void TakePlain(char c)
    {
        if (char.IsAsciiLetterOrDigit(c) || c is '_' or '$' || c > 127)
        {
            _word.Append(c);
        }
        else
        {
            EndWord();
        }

        if (c is '\'' or '"' or '`' or '[')
        {
            (_mode, _quote) = (Mode.Quoted, c == '[' ? ']' : c);
        }

        if (!char.IsWhiteSpace(c))
        {
            if (_word.Length == 0)
            {
                (_behindSemicolon, _behindEnd) = (false, false);
            }

            _hasContent = true;
        }

        if (_text.Length > 0 || !char.IsWhiteSpace(c))
        {
            _text.Append(c);
        }
    }

    private void EndWord()
    {
        if (_word.Length == 0)
        {
            return;
        }

        var word = _word.ToString().ToUpperInvariant();
        _word.Clear();
        if (_firstWords.Count < 6)
        {
            _firstWords.Add(word);
        }

        (_behindSemicolon, _behindEnd) = (false, _behindSemicolon && word == "END");
    }
}

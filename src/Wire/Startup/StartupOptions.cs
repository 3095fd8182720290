using System.Text;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;

namespace Rqlite.Pg.Wire.Startup;

/// <summary>The settings inside the startup parameter <c>options</c>, written as on a server's command line.</summary>
internal static class StartupOptions
{
    /// <summary>Reads <c>-c name=value</c>, <c>-cname=value</c> and <c>--name=value</c>; a backslash keeps the next character.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Parse(string options)
    {
        var settings = new List<KeyValuePair<string, string>>();
        var words = Split(options);
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            string setting;
            if (word.StartsWith("--", StringComparison.Ordinal))
            {
                setting = word[2..];
            }
            else if (word == "-c" && i + 1 < words.Count)
            {
                setting = words[++i];
            }
            else if (word.StartsWith("-c", StringComparison.Ordinal) && word.Length > 2)
            {
                setting = word[2..];
            }
            else
            {
                throw PgException.Fatal(SqlState.SyntaxError, $"invalid command-line argument for server process: {word}");
            }

            var equals = setting.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
            {
                throw PgException.Fatal(SqlState.SyntaxError, $"-c {setting} requires a value");
            }

            // On a command line a dash stands for the underscore of a name.
            settings.Add(new(setting[..equals].Replace('-', '_'), setting[(equals + 1)..]));
        }

        return settings;
    }

    private static List<string> Split(string options)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var inWord = false;
        for (var i = 0; i < options.Length; i++)
        {
            if (char.IsWhiteSpace(options[i]))
            {
                if (inWord)
                {
                    words.Add(word.ToString());
                    word.Clear();
                    inWord = false;
                }

                continue;
            }

            if (options[i] == '\\' && i + 1 < options.Length)
            {
                i++;
            }

            word.Append(options[i]);
            inWord = true;
        }

        if (inWord)
        {
            words.Add(word.ToString());
        }

        return words;
    }
}

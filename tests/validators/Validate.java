import java.io.FileInputStream;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/**
 * Asks veraPDF whether files conform: the flavours first, with commas between them, then the files. A line for each says
 * PASS or FAIL, the flavour and the file; below a FAIL stand the first rules that it breaks.
 */
public class Validate {
  public static void main(String[] arguments) throws Exception {
    VeraGreenfieldFoundryProvider.initialise();
    for (int at = 1; at < arguments.length; at++) {
      for (String name : arguments[0].split(",")) {
        PDFAFlavour flavour = PDFAFlavour.fromString(name);
        try (PDFAParser parser =
                Foundries.defaultInstance().createParser(new FileInputStream(arguments[at]), flavour);
            PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, false)) {
          ValidationResult result = validator.validate(parser);
          String verdict = result.isCompliant() ? "PASS" : "FAIL";
          System.out.println(verdict + " " + name + " " + arguments[at] + " " + result.getTotalAssertions());
          result.getTestAssertions().stream()
              .filter(assertion -> assertion.getStatus() == TestAssertion.Status.FAILED)
              .limit(8)
              .forEach(
                  assertion ->
                      System.out.println(
                          "  " + assertion.getRuleId().getClause() + " " + assertion.getMessage()));
        }
      }
    }
  }
}

/** What is ranked: vacancies for an applicant, or applicants for a vacancy. */
enum Direction {
    VACANCIES,
    APPLICANTS;

    static Direction of(String text) {
        return switch (text) {
            case "vacancies" -> VACANCIES;
            case "applicants" -> APPLICANTS;
            default -> throw new IllegalArgumentException(
                    "direction '" + text + "': must be vacancies or applicants");
        };
    }

    Direction other() {
        return this == VACANCIES ? APPLICANTS : VACANCIES;
    }
}
